// The table of configuration keys for people: as a page, and as a file to begin with.
#include "server/config.h"

namespace countersign::server {

std::string config_markdown() {
  const Config defaults;
  std::string out =
      "# Configuration\n\n"
      "`countersignd serve --config FILE` reads TOML; without it, `config.toml` in the data "
      "folder\n"
      "is read when it is there. A dotted key is a key in a table: `cmp.confirm_wait` is\n"
      "`confirm_wait` under `[cmp]`. This page is generated: `countersignd config --markdown`.\n\n"
      "| key | default | fits | meaning |\n| --- | --- | --- | --- |\n";
  for (const ConfigKey& key : config_keys())
    out.append("| `")
        .append(key.name)
        .append("` | `")
        .append(enrol::shown(key.get(defaults)))
        .append("` | ")
        .append(key.fits)
        .append(" | ")
        .append(key.meaning)
        .append(" |\n");
  return out;
}

std::string config_example() {
  const Config defaults;
  std::string out = "# countersignd: every key at its default. Remove the # to change one.\n";
  std::string table;
  for (const ConfigKey& key : config_keys()) {
    const auto dot = key.name.find('.');
    const std::string section = dot == std::string::npos ? "" : key.name.substr(0, dot);
    if (section != table) out.append("\n[").append(section).append("]\n");
    table = section;
    const auto name = dot == std::string::npos ? key.name : key.name.substr(dot + 1);
    out.append("# ")
        .append(key.meaning)
        .append("\n#")
        .append(name)
        .append(" = ")
        .append(enrol::shown(key.get(defaults)))
        .append("\n");
  }
  return out;
}

}  // namespace countersign::server
