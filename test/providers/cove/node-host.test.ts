import { describe, expect, it } from "vitest";
import { nodeUrl } from "../../../runner/providers/cove/node-host.ts";

const domains = ["cloudbackup.management", "backup.management"];

describe("the address of a node", () => {
  it.each([
    ["us-xx-0000-01.cloudbackup.management", "https://us-xx-0000-01.cloudbackup.management/repserv_json"],
    ["US-XX-0000-01.CloudBackup.Management:443", "https://us-xx-0000-01.cloudbackup.management/repserv_json"],
    ["us.cloudbackup.management:8080", "https://us.cloudbackup.management/repserv_json"],
    ["us.cloudbackup.management.", "https://us.cloudbackup.management/repserv_json"],
    ["backup.management", "https://backup.management/repserv_json"],
  ])("of %s has TLS and no port", (host, url) => {
    expect(nodeUrl(host, domains)).toBe(url);
  });

  it.each([
    "",
    ".cloudbackup.management",
    "evilcloudbackup.management",
    "cloudbackup.management.evil.example",
    "https://us.cloudbackup.management",
    "us.cloudbackup.management/path",
    "evil.example\\.cloudbackup.management",
    "evil.example?.cloudbackup.management",
    "user@us.cloudbackup.management",
    "us.cloudbackup.management:x",
    "us cloudbackup.management",
    "ｕs.cloudbackup.management",
    "[::1]:443",
    "127.0.0.1:8080",
    "localhost",
  ])("is none for %j", (host) => {
    expect(nodeUrl(host, domains)).toBeUndefined();
  });

  it("keeps its port on this machine, where the domains name it", () => {
    expect(nodeUrl("127.0.0.1:4711", ["127.0.0.1"])).toBe("http://127.0.0.1:4711/repserv_json");
    expect(nodeUrl("localhost:4711", ["localhost"])).toBe("http://localhost:4711/repserv_json");
    expect(nodeUrl("127.0.0.1:99999", ["127.0.0.1"])).toBeUndefined();
    expect(nodeUrl("x.127.0.0.1", ["127.0.0.1"])).toBeUndefined();
  });
});
