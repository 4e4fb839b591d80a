import { pathToFileURL } from "node:url";
import { takePictures } from "./demo/pictures.ts";

/** Takes the README's pictures anew (`npm run screenshots`), from the page that it speaks of; or into another folder. */
const [folder] = process.argv.slice(2);
await takePictures(folder ? pathToFileURL(folder) : new URL("../docs/pictures/", import.meta.url));
process.exit(0);
