// The Record as text: one field a line, octets in hexadecimal, lists as repeated fields.
#include <algorithm>
#include <charconv>

#include "client/journal.h"

namespace countersign::client {
namespace {

constexpr std::string_view kFirstLine = "countersign transaction 1\n";

class Lines {
 public:
  void text(std::string_view name, std::string_view value) {
    out_ += name;
    out_ += ' ';
    for (const char c : value) {
      if (c == '\\') out_ += "\\\\";
      if (c == '\n') out_ += "\\n";
      if (c != '\\' && c != '\n') out_ += c;
    }
    out_ += '\n';
  }
  void setting(const std::string& option, const std::string& value) {
    std::string joined = option;
    joined += '=';
    joined += value;
    text("option", joined);
  }
  void octets(std::string_view name, View value) { text(name, to_hex(value)); }
  void number(std::string_view name, std::int64_t value) { text(name, std::to_string(value)); }
  void flag(std::string_view name, bool value) {
    if (value) text(name, "yes");
  }
  std::string take() && { return std::move(out_); }

 private:
  std::string out_;
};

class Fields {
 public:
  explicit Fields(std::string_view text) {
    while (!text.empty()) {
      const auto end = std::min(text.find('\n'), text.size());
      const auto line = text.substr(0, end);
      const auto space = std::min(line.find(' '), line.size());
      fields_.emplace_back(line.substr(0, space),
                           unescaped(line.substr(std::min(space + 1, line.size()))));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
  }

  std::vector<std::string> all(std::string_view name) const {
    std::vector<std::string> out;
    for (const auto& [key, value] : fields_)
      if (key == name) out.push_back(value);
    return out;
  }
  std::string text(std::string_view name) const {
    const auto found = all(name);
    return found.empty() ? "" : found.front();
  }
  bool has(std::string_view name) const { return !all(name).empty(); }
  Bytes octets(std::string_view name) { return from_text(text(name)); }
  std::vector<Bytes> list(std::string_view name) {
    std::vector<Bytes> out;
    for (const auto& value : all(name)) out.push_back(from_text(value));
    return out;
  }
  std::int64_t number(std::string_view name) {
    const std::string value = text(name);
    std::int64_t out = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), out);
    good_ = good_ && error == std::errc{} && end == value.data() + value.size();
    return out;
  }
  template <class Enum>
  Enum choice(std::string_view name, Enum last) {
    const std::int64_t value = number(name);
    good_ = good_ && value >= 0 && value <= static_cast<std::int64_t>(last);
    return static_cast<Enum>(value);
  }
  bool good() const noexcept { return good_; }

 private:
  static std::string unescaped(std::string_view value) {
    std::string out;
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (value[i] != '\\' || i + 1 == value.size()) {
        out += value[i];
        continue;
      }
      ++i;
      out += value[i] == 'n' ? '\n' : value[i];
    }
    return out;
  }
  Bytes from_text(const std::string& value) {
    Bytes out;
    good_ = from_hex(value, out) && good_;
    return out;
  }

  std::vector<std::pair<std::string, std::string>> fields_;
  bool good_ = true;
};

void put_transaction(Lines& out, const transaction::ClientTransaction& t) {
  out.number("phase", static_cast<int>(t.phase));
  out.octets("transaction", t.id.octets);
  out.number("initial", static_cast<int>(t.initial));
  out.number("pvno", t.pvno);
  out.number("request", t.request.value);
  out.octets("delayed-nonce", t.delayed_nonce.octets);
  out.octets("last-nonce", t.last_nonce.octets);
  out.octets("server-nonce", t.server_nonce.octets);
  if (t.responder) out.octets("responder-name", t.responder->der);
  out.octets("certificate", t.certificate);
  out.flag("implicit-granted", t.implicit_granted);
  out.flag("whole-message-waits", t.whole_message_waits);
  out.flag("confirming", t.confirming);
  if (t.poll_at) out.number("poll-at", to_unix(*t.poll_at));
  out.number("give-up-at", to_unix(t.give_up_at));
}

transaction::ClientTransaction read_transaction(Fields& in) {
  transaction::ClientTransaction t;
  t.phase = in.choice("phase", transaction::ClientPhase::ended);
  t.id.octets = in.octets("transaction");
  t.initial = in.choice("initial", message::BodyType::pollRep);
  t.pvno = in.number("pvno");
  t.request.value = in.number("request");
  t.last_nonce.octets = in.octets("last-nonce");
  t.server_nonce.octets = in.octets("server-nonce");
  if (in.has("responder-name")) t.responder = x509::GeneralName{in.octets("responder-name")};
  t.certificate = in.octets("certificate");
  t.implicit_granted = in.has("implicit-granted");
  t.whole_message_waits = in.has("whole-message-waits");
  t.confirming = in.has("confirming");
  // Before there was a delayed-nonce, that of the first message stood for it.
  if (in.has("delayed-nonce") || !t.confirming)
    t.delayed_nonce.octets =
        in.octets(in.has("delayed-nonce") ? "delayed-nonce" : "original-nonce");
  if (in.has("poll-at")) t.poll_at = from_unix(in.number("poll-at"));
  t.give_up_at = from_unix(in.number("give-up-at"));
  return t;
}

void put_kept(Lines& out, const Kept& kept) {
  out.octets("leaf", kept.leaf);
  for (const auto& certificate : kept.chain) out.octets("chain", certificate);
  out.octets("root", kept.root);
  for (const auto& difference : kept.differences) out.text("difference", difference);
  out.text("remarks", kept.remarks);
}

}  // namespace

std::string encode(const Record& record) {
  Lines out;
  for (const auto& [option, value] : record.command) out.setting(option, value);
  out.number("stage", static_cast<int>(record.stage));
  put_transaction(out, record.transaction);
  out.octets("pending", record.pending);
  if (record.kept) put_kept(out, *record.kept);
  out.text("rejection", record.rejection);
  for (const auto& one : record.responder_certificates) out.octets("responder", one);
  for (const auto& one : record.messages) out.text("message", one);
  out.text("end", "of state");
  return std::string(kFirstLine) + std::move(out).take();
}

Result<Record> parse_record(std::string_view text) {
  Record record;
  bool good = text.starts_with(kFirstLine);
  if (good) {
    Fields in(text.substr(kFirstLine.size()));
    for (const auto& one : in.all("option")) {
      const auto equals = std::min(one.find('='), one.size());
      record.command.push_back(
          {one.substr(0, equals), one.substr(std::min(equals + 1, one.size()))});
    }
    record.stage = in.choice("stage", Stage::confirmed);
    record.transaction = read_transaction(in);
    record.pending = in.octets("pending");
    if (in.has("leaf"))
      record.kept = Kept{in.octets("leaf"), in.list("chain"), in.octets("root"),
                         in.all("difference"), in.text("remarks")};
    record.rejection = in.text("rejection");
    record.responder_certificates = in.list("responder");
    record.messages = in.all("message");
    good = in.good() && in.has("end");
  }
  if (good) return record;
  return fail(Failure::systemFailure, "client.journal-format",
              "it was not written by this version of countersign; remove the folder to begin anew");
}

}  // namespace countersign::client
