/**
 * Frees an array's memory at once; whoever reads it afterwards finds it empty. The garbage collector would come late,
 * because a small object holds the large memory, and asking it to come makes it walk all the others.
 */
export function giveBack(values: ArrayBufferView): void {
  if (values.buffer instanceof ArrayBuffer) values.buffer.transfer(0)
}
