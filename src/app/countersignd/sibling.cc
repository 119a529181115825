#include "app/countersignd/sibling.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <array>
#include <filesystem>

namespace countersign::app {
namespace {

std::unexpected<Error> broken(const std::string& what) {
  return fail(Failure::systemFailure, "app.sibling", what);
}

std::string read_all(int from) {
  std::string out;
  std::array<char, 4096> part{};
  for (ssize_t n = 0; (n = read(from, part.data(), part.size())) > 0;)
    out.append(part.data(), static_cast<std::size_t>(n));
  return out;
}

Result<pid_t> start(const std::string& path, const std::vector<std::string>& words, int output) {
  std::vector<char*> arguments{const_cast<char*>(path.c_str())};
  for (const auto& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  pid_t child = 0;
  const int failed =
      posix_spawn(&child, path.c_str(), &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) return broken(path + " cannot be started");
  return child;
}

}  // namespace

Result<std::string> run_sibling(const std::string& program, const std::vector<std::string>& words) {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return broken("this program's own folder is not known");
  std::array<int, 2> pipe{};
  if (pipe2(pipe.data(), O_CLOEXEC) != 0) return broken("no pipe can be made");
  const auto child = start((self.parent_path() / program).string(), words, pipe[1]);
  close(pipe[1]);
  const std::string output = child ? read_all(pipe[0]) : std::string();
  close(pipe[0]);
  if (!child) return std::unexpected(child.error());
  int status = 0;
  if (waitpid(*child, &status, 0) < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
    return broken(program + " did not succeed: " + output);
  return output;
}

}  // namespace countersign::app
