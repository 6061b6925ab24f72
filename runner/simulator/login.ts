import { ApiError, errorData } from "./api-error.ts";
import type { Members } from "./params.ts";
import { userInScope } from "./scope.ts";
import { userInfo } from "./users-api.ts";
import type { Done, World } from "./world.ts";

/** Login. The exact display name of the partner counts: a name in other case is refused like a wrong password. */
export function login(world: World, params: Members): Done {
  const { partner, username, password } = world.login;
  if (params.partner !== partner || params.username !== username || params.password !== password) {
    throw new ApiError(errorData.login, "Unknown partner/username or bad password");
  }
  return { result: { result: userInfo(userInScope(world, world.userId)) } };
}
