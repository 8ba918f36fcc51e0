// Keeps the page current while requests are made, and makes every part usable by keyboard. Without
// scripts the page is a list of the requests, and each link and button works by itself.
import { followEvents } from "./events.js";
import { connectKeys } from "./keys.js";
import { connectParts } from "./parts.js";

connectParts();
connectKeys();
followEvents();
