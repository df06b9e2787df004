/** How a process that computes manages its memory; read by the C library when it starts. */

/**
 * glibc gives blocks back to the system at every free unless told otherwise, and page faults then cost a third of a step.
 * Those from 32 MB on are given back all the same: weights are rearranged when a model loads, and would leave holes.
 */
export const memorySettings = {
  GLIBC_TUNABLES: "glibc.malloc.hugetlb=1:glibc.malloc.mmap_threshold=33554432:glibc.malloc.trim_threshold=17179869184",
} as const
