import { HomePage } from "../../features/home/HomePage.tsx"

export default function Home() {
  return <HomePage />
}
