// countersignd config export|apply|diff FILE: all that operators set, as one TOML file.

#include <fstream>
#include <iostream>
#include <iterator>

#include "app/common/terminal.h"
#include "app/countersignd/authority_files.h"
#include "app/countersignd/commands.h"
#include "app/countersignd/config_file.h"
#include "client/files.h"
#include "server/administration.h"
#include "server/object_file.h"

namespace countersign::app {
namespace {

using enrol::ObjectAction;

constexpr const char* kAuthor = "local";

Result<std::vector<enrol::ObjectRecord>> read_wanted(const std::string& file) {
  if (file == "-") {
    const std::string toml{std::istreambuf_iterator<char>(std::cin), {}};
    return server::read_objects(toml, "standard input");
  }
  const Bytes content = TRY(client::read_file(file));
  return server::read_objects({reinterpret_cast<const char*>(content.data()), content.size()},
                              file);
}

void print_change(const std::vector<enrol::ObjectRecord>& present,
                  const enrol::ObjectChange& change) {
  const auto same = [&](const enrol::ObjectRecord& o) {
    return o.kind == change.object.kind && o.name == change.object.name;
  };
  const auto at = std::ranges::find_if(present, same);
  const auto* before = at == present.end() ? nullptr : &*at;
  const bool removed = change.action == ObjectAction::remove;
  const std::string sign = removed ? "- " : before == nullptr ? "+ " : "~ ";
  const std::string what = removed ? "" : "   " + server::difference(before, &change.object);
  print(Stream::out, harmless(sign + label(change.object) + what) + "\n");
}

struct Plan {
  Data data;
  server::Config config;
  std::vector<enrol::ObjectRecord> present;
  std::vector<enrol::ObjectChange> changes;
};

Result<Plan> plan(const Host& host, const ConfigObjectsOptions& options) {
  const auto wanted = TRY(read_wanted(options.file));
  Plan out{TRY(open_data(options.data, store::Exclusive::no, host.entropy, host.clock.now())),
           TRY(load_config(options.data, options.config)),
           {},
           {}};
  out.present = TRY(out.data.store->objects());
  const auto missing = options.remove ? server::Missing::remove : server::Missing::keep;
  out.changes = server::changes_between(out.present, wanted, missing);
  return out;
}

void print_problems(const std::vector<enrol::Problem>& problems) {
  for (const auto& p : problems) {
    const bool grave = p.weight == enrol::Problem::Weight::error;
    print(Stream::err, harmless((grave ? "error: " : "warning: ") + p.path + ": " + p.what) + "\n");
  }
}

Result<int> export_all(const Host& host, const ConfigObjectsOptions& options) {
  auto data = TRY(open_data(options.data, store::Exclusive::no, host.entropy, host.clock.now()));
  const std::string text = server::write_objects(TRY(data.store->objects()));
  if (options.file.empty() || options.file == "-") {
    std::cout << text;
    return kDone;
  }
  std::ofstream out(options.file);
  out << text << std::flush;
  if (!out) return fail(Failure::systemFailure, "config.file", options.file + " cannot be written");
  return kDone;
}

// 0: nothing would change; 3: something would, or it would be refused.
Result<int> diff(const Host& host, const ConfigObjectsOptions& options) {
  const auto p = TRY(plan(host, options));
  for (const auto& change : p.changes) print_change(p.present, change);
  const server::Administration administration(*p.data.store, p.config.cmp);
  print_problems(TRY(administration.check(p.changes)));
  return p.changes.empty() ? kDone : kRefused;
}

Result<int> apply(const Host& host, const ConfigObjectsOptions& options) {
  const auto p = TRY(plan(host, options));
  server::Administration administration(*p.data.store, p.config.cmp);
  print_problems(TRY(administration.change(p.changes, kAuthor, host.clock.now())));
  for (const auto& change : p.changes) print_change(p.present, change);
  if (p.changes.empty()) print(Stream::err, "nothing to change\n");
  return kDone;
}

int told(const Result<int>& code) { return code ? *code : report(code.error()); }

}  // namespace

int run_config_export(const Host& host, const ConfigObjectsOptions& options) {
  return told(export_all(host, options));
}
int run_config_diff(const Host& host, const ConfigObjectsOptions& options) {
  return told(diff(host, options));
}
int run_config_apply(const Host& host, const ConfigObjectsOptions& options) {
  return told(apply(host, options));
}

}  // namespace countersign::app
