/** The thread that ends its process together with the parent, whose death closes standard input. */

import { Socket } from "node:net"

new Socket({ fd: 0 }).on("close", () => process.kill(process.pid, "SIGKILL")).resume()
