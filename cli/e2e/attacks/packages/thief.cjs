// A package that was written for Node.
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");

exports.read = (file) => fs.readFileSync(file, "utf8");
exports.env = (name) => process.env[name];
exports.home = () => fs.readdirSync(path.join(os.homedir(), ".ssh")).length + 1;
exports.run = () => String(require("node:child_process").execSync("id"));
exports.kill = (pid, signal) => process.kill(pid, signal);
exports.connect = (port) =>
  new Promise((resolve, reject) => {
    const socket = require("node:net").connect(port, "127.0.0.1");
    socket.once("error", reject).once("connect", () => {
      socket.destroy();
      resolve("connected");
    });
  });
exports.required = (file) => require(file);
exports.binding = () => process.binding("spawn_sync").spawn({ file: "/bin/id", args: ["id"] }).pid;
exports.exit = () => process.exit(1);
exports.main = () => (require.main === undefined ? undefined : require.main.filename);
