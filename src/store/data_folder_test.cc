#include "store/data_folder.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "store/temporary_folder_test.h"

namespace countersign::store {
namespace {

std::string code(const Result<DataFolder>& result) {
  return result ? "" : std::string(result.error().code);
}

TEST(DataFolder, is_made_for_its_owner_alone_when_asked) {
  const TemporaryFolder parent;
  const std::string path = parent.file("data");
  EXPECT_EQ(code(DataFolder::open(path, Exclusive::no)), "store.folder-missing");
  EXPECT_EQ(code(DataFolder::open(path, Exclusive::yes)), "store.folder-missing");
  const auto opened = DataFolder::open(path, Exclusive::yes, Missing::create);
  ASSERT_EQ(code(opened), "");
  struct stat status{};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0700u);
  EXPECT_EQ(opened->database(), path + "/countersign.db");
}

TEST(DataFolder, must_be_a_folder) {
  const TemporaryFolder parent;
  parent.write("file", "");
  EXPECT_EQ(code(DataFolder::open(parent.file("file"), Exclusive::yes)), "store.folder");
  EXPECT_EQ(code(DataFolder::open(parent.file("file"), Exclusive::yes, Missing::create)),
            "store.folder");
  EXPECT_EQ(code(DataFolder::open(parent.file("a/b"), Exclusive::no, Missing::create)),
            "store.folder");
}

TEST(DataFolder, a_second_server_is_told_who_has_it) {
  const TemporaryFolder folder;
  {
    const auto first = DataFolder::open(folder.path(), Exclusive::yes);
    ASSERT_EQ(code(first), "");
    const auto second = DataFolder::open(folder.path(), Exclusive::yes);
    ASSERT_EQ(code(second), "store.in-use");
    EXPECT_NE(second.error().reply_text.find("process " + std::to_string(::getpid())),
              std::string::npos)
        << second.error().reply_text;
    EXPECT_EQ(code(DataFolder::open(folder.path(), Exclusive::no)), "") << "admin commands may";
  }
  EXPECT_EQ(code(DataFolder::open(folder.path(), Exclusive::yes)), "") << "let go";
}

TEST(DataFolder, a_killed_server_lets_go) {
  const TemporaryFolder folder;
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const auto held = DataFolder::open(folder.path(), Exclusive::yes);
    if (::write(ready[1], held ? "y" : "n", 1) != 1) ::_exit(1);
    ::pause();
    ::_exit(0);
  }
  char answer = 0;
  ASSERT_EQ(::read(ready[0], &answer, 1), 1);
  EXPECT_EQ(answer, 'y');
  const auto refused = DataFolder::open(folder.path(), Exclusive::yes);
  ASSERT_EQ(code(refused), "store.in-use");
  EXPECT_NE(refused.error().reply_text.find("process " + std::to_string(child)), std::string::npos);
  ::kill(child, SIGKILL);
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  EXPECT_EQ(code(DataFolder::open(folder.path(), Exclusive::yes)), "");
  ::close(ready[0]);
  ::close(ready[1]);
}

}  // namespace
}  // namespace countersign::store
