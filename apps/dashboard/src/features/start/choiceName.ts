/** How choices are called in the field, where their names in YAML say it worse. */
const names: Readonly<Record<string, string>> = {
  lora: "LoRA",
  full: "Full",
  ddpm: "DDPM",
  ddim: "DDIM",
  pndm: "PNDM",
  lms: "LMS",
  euler: "Euler",
  euler_ancestral: "Euler ancestral",
  heun: "Heun",
  dpmpp_2m: "DPM++ 2M",
  dpmpp_2m_karras: "DPM++ 2M Karras",
  dpmpp_2s: "DPM++ 2S",
  unipc: "UniPC",
  deis: "DEIS",
  dpm2: "DPM2",
  lcm: "LCM",
  cpu: "CPU",
}

/** @param choice one of an option's choices, spelt as in YAML. */
export const choiceName = (choice: string): string => names[choice] ?? choice.replaceAll("_", " ")
