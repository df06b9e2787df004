/** `npm start`: installs everything and says what to run; the studio itself is not part of this repository yet. */

import { install } from "./install.mjs"

install()
console.log(`Fjord is installed. The command line is ready:

  npm run fjord -- doctor              what this machine can do
  npm run fjord -- train CONFIG.yml    fine-tune a model on a folder of pictures
  npm run fjord -- generate --help     make images with the result

README.md shows the whole way. There is no web studio to start yet.`)
