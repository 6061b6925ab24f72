import type { Server } from "node:http";
import type { Socket } from "node:net";

/** More than the browsers of one person ever open before they say what they want. */
const mostSilent = 64;

/**
 * Keep those who connect and do not finish a request from taking every place: of too many the oldest has to go, so that
 * whoever says at once what they want is always heard.
 */
export function keepRoom(server: Server): void {
  const silent = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    silent.add(socket);
    socket.once("close", () => silent.delete(socket));
    const [oldest] = silent;
    if (silent.size > mostSilent) oldest?.destroy();
  });
  server.on("request", ({ socket }) => silent.delete(socket));
}
