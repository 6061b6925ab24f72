import { controlCommand } from "./control.ts";

export const command = controlCommand("promote");
