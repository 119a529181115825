// inspect: any PKIMessage, field by field.
#include "client/inspect/inspect.h"

#include <boost/json.hpp>

#include "app/common/terminal.h"
#include "app/countersign/commands.h"
#include "app/countersign/report.h"
#include "app/countersign/wishes.h"
#include "base/os_clock.h"
#include "client/failure.h"
#include "client/files.h"
#include "client/identity.h"

namespace countersign::app {
namespace {

struct Means {
  std::optional<Secret> secret;
  std::optional<crypto::TrustSet> anchors;
};

Result<Means> means_of(const Options& options) {
  Means means;
  if (options.secret) means.secret = TRY(client::read_secret(*options.secret));
  if (options.trust) means.anchors = TRY(client::load_anchors(*options.trust));
  return means;
}

Result<std::string> inspect_file(const std::string& path, const Means& means) {
  const Bytes content = TRY(client::read_file(path));
  const client::InspectOptions with{means.secret ? &*means.secret : nullptr,
                                    means.anchors ? &*means.anchors : nullptr, OsClock().now()};
  return client::recode(client::inspect(content, with), "client.file-message", path);
}

void show(const Options& options, const std::string& path, const std::string& text) {
  if (options.json)
    return print(
        Stream::out,
        boost::json::serialize(boost::json::object{{"file", path}, {"text", text}}) + "\n");
  if (options.files.size() > 1) print(Stream::out, Style(Stream::out).bold(harmless(path)) + "\n");
  print(Stream::out, harmless(text));
}

}  // namespace

int inspect(const Options& options) {
  const auto means = means_of(options);
  if (!means) return report_failure(options, means.error());
  int exit = 0;
  for (const auto& path : options.files) {
    const auto text = inspect_file(path, *means);
    if (text) show(options, path, *text);
    if (!text) exit = report_failure(options, text.error());
  }
  return exit;
}

}  // namespace countersign::app
