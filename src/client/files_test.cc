#include "client/files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "client/scratch_for_test.h"

namespace countersign::client {
namespace {

std::string content_of(const std::string& path) {
  auto content = read_file(path);
  return content ? std::string(text(*content)) : "(" + std::string(content.error().code) + ")";
}

TEST(Files, AreReplacedWholeAndLeaveNothingBehind) {
  const Scratch scratch;
  ASSERT_TRUE(write_file(scratch.at("a"), view("old"), Access::secret));
  ASSERT_TRUE(write_file(scratch.at("a"), view("new"), Access::secret));
  EXPECT_EQ(content_of(scratch.at("a")), "new");
  EXPECT_EQ(scratch.entries(), 1U);
  struct stat info{};
  ::stat(scratch.at("a").c_str(), &info);
  EXPECT_EQ(info.st_mode & 0777, 0600U);
}

TEST(Files, ASymbolicLinkStays) {
  const Scratch scratch;
  ASSERT_TRUE(write_file(scratch.at("real"), view("old"), Access::open));
  std::filesystem::create_symlink("real", scratch.at("link"));
  ASSERT_TRUE(write_file(scratch.at("link"), view("new"), Access::open));
  EXPECT_TRUE(std::filesystem::is_symlink(scratch.at("link")));
  EXPECT_EQ(content_of(scratch.at("real")), "new");
}

TEST(Files, TheOldOneIsKeptBesideAndTheFileStays) {
  const Scratch scratch;
  EXPECT_TRUE(keep_old(scratch.at("a"))) << "nothing there is no error";
  ASSERT_TRUE(write_file(scratch.at("a"), view("first"), Access::open));
  ASSERT_TRUE(keep_old(scratch.at("a")));
  ASSERT_TRUE(keep_old(scratch.at("a"))) << "twice is once";
  EXPECT_EQ(content_of(scratch.at("a")), "first");
  ASSERT_TRUE(write_file(scratch.at("a"), view("second"), Access::open));
  EXPECT_EQ(content_of(scratch.at("a.old")), "first");
  EXPECT_EQ(scratch.entries(), 2U);
}

TEST(Files, SayWhatIsWrong) {
  const Scratch scratch;
  EXPECT_EQ(read_file(scratch.at("none")).error().code, "client.file-missing");
  EXPECT_EQ(write_file(scratch.at("no/a"), view("x"), Access::open).error().code,
            "client.file-write");
  EXPECT_EQ(check_writable(scratch.at("no/a")).error().code, "client.file-folder");
  EXPECT_TRUE(check_writable(scratch.at("a")));
}

TEST(Files, AFolderIsHeldByOne) {
  const Scratch scratch;
  ASSERT_TRUE(make_folder(scratch.at("f")));
  ASSERT_TRUE(make_folder(scratch.at("f")));
  {
    const auto lock = FolderLock::take(scratch.at("f"));
    ASSERT_TRUE(lock);
    EXPECT_EQ(FolderLock::take(scratch.at("f")).error().code, "client.file-busy");
  }
  EXPECT_TRUE(FolderLock::take(scratch.at("f")));
}

}  // namespace
}  // namespace countersign::client
