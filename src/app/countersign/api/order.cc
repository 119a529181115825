#include "app/countersign/api/order.h"

#include <algorithm>
#include <boost/url/url.hpp>
#include <charconv>

#include "client/failure.h"
#include "client/files.h"

namespace countersign::app::api {
namespace {

namespace json = boost::json;
using client::wrong_usage;
using Words = std::vector<std::string>;

// Other words that people have for a verb.
constexpr std::pair<std::string_view, std::string_view> kSynonyms[] = {
    {"show", "get"}, {"delete", "remove"}, {"rm", "remove"}, {"ls", "list"}};

template <class Range, class Projection>
std::string joined(const Range& range, Projection name) {
  std::string out;
  for (const auto& one : range) {
    const std::string text = std::invoke(name, one);
    if (!text.empty() && !(", " + out + ",").contains(", " + text + ","))
      out += (out.empty() ? "" : ", ") + text;
  }
  return out;
}

std::vector<const Operation*> of_resource(const std::vector<Operation>& all, std::string name) {
  std::ranges::replace(name, '_', '-');
  std::vector<const Operation*> out;
  for (const Operation& o : all)
    if (o.resource == name) out.push_back(&o);
  return out;
}

const Operation* by_verb(const std::vector<const Operation*>& some, std::string_view verb) {
  for (const auto& [other, means] : kSynonyms)
    if (verb == other) verb = means;
  const auto found = std::ranges::find(some, verb, &Operation::verb);
  return found == some.end() ? nullptr : *found;
}

// Takes the words that name it off the front.
Result<const Operation*> find_operation(const std::vector<Operation>& all, Words& words) {
  const std::string resource = words.front();
  words.erase(words.begin());
  if (const auto by_id = std::ranges::find(all, resource, &Operation::id); by_id != all.end())
    return &*by_id;
  const auto some = of_resource(all, resource);
  if (some.empty())
    return wrong_usage("there is nothing called " + resource + " here; there are " +
                       joined(all, &Operation::resource));
  if (!words.empty())
    if (const auto* named = by_verb(some, words.front())) {
      words.erase(words.begin());
      return named;
    }
  if (some.size() == 1) return some.front();
  const auto* usual = by_verb(some, "list");
  if (usual == nullptr) usual = by_verb(some, "get");
  if (words.empty() || words.front().starts_with("--"))
    if (usual != nullptr && usual->parameters.empty()) return usual;
  const auto verb = [](const Operation* o) { return o->verb; };
  return wrong_usage((words.empty() ? "say what of " + resource + " you want"
                                    : resource + " has no verb " + words.front()) +
                     "; there are " + joined(some, verb));
}

// Where a value goes: a field of the query, of the body, or of the one object in the body whose
// members are free to be named alone.
struct Place {
  const Field* field = nullptr;
  const Field* inside = nullptr;
  bool in_query = false;
};

const Field* named(const std::vector<Field>& fields, std::string name) {
  auto found = std::ranges::find(fields, name, &Field::name);
  std::ranges::replace(name, '-', '_');
  if (found == fields.end()) found = std::ranges::find(fields, name, &Field::name);
  return found == fields.end() ? nullptr : &*found;
}

Result<Place> place_of(const Operation& operation, const std::string& name) {
  if (const auto* field = named(operation.query, name))
    return Place{.field = field, .in_query = true};
  if (const auto* field = named(operation.body, name)) return Place{.field = field};
  for (const Field& object : operation.body)
    if (const auto* field = named(object.members, name)) return Place{field, &object};
  std::string all = joined(operation.query, &Field::name);
  for (const Field& field : operation.body) {
    const std::string more =
        field.members.empty() ? field.name : joined(field.members, &Field::name);
    all += (all.empty() ? "" : ", ") + more;
  }
  return wrong_usage(operation.resource + " " + operation.verb + " has no field " + name +
                     (all.empty() ? "; it has none" : "; there are " + all));
}

Result<std::string> content_of(const std::string& value) {
  if (value.starts_with("@@")) return value.substr(1);
  if (!value.starts_with('@')) return value;
  const Bytes octets = TRY(client::read_file(value.substr(1)));
  return std::string(text(octets));
}

std::optional<std::int64_t> integer_of(const std::string& value) {
  std::int64_t out = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), out);
  if (error != std::errc{} || end != value.data() + value.size()) return std::nullopt;
  return out;
}

json::array list_of(std::string_view value) {
  json::array out;
  while (!value.empty()) {
    const auto end = std::min(value.find(','), value.size());
    out.emplace_back(value.substr(0, end));
    value.remove_prefix(std::min(end + 1, value.size()));
  }
  return out;
}

Result<json::value> value_of(const Field& field, const std::string& given) {
  const std::string value = TRY(content_of(given));
  const auto number = integer_of(value);
  boost::system::error_code broken;
  switch (field.kind) {
    case Kind::flag:
      if (value != "true" && value != "false")
        return wrong_usage(field.name + " must be true or false");
      return json::value(value == "true");
    case Kind::integer:
      if (!number) return wrong_usage(field.name + " must be a whole number");
      return json::value(*number);
    case Kind::number_or_text:
      return number ? json::value(*number) : json::value(value);
    case Kind::list:
      return json::value(list_of(value));
    case Kind::object: {
      auto parsed = json::parse(value, broken);
      if (broken || !parsed.is_object())
        return wrong_usage(field.name + " must be a JSON object, or @FILE with one");
      return parsed;
    }
    case Kind::text:
      break;
  }
  return json::value(value);
}

Result<> put(const Place& place, const std::string& value, Order& into) {
  if (place.in_query) {
    into.query.emplace_back(place.field->name, TRY(content_of(value)));
    return {};
  }
  auto typed = TRY(value_of(*place.field, value));
  if (place.inside == nullptr) {
    into.body[place.field->name] = std::move(typed);
    return {};
  }
  auto& object = into.body[place.inside->name];
  if (!object.is_object()) object.emplace_object();
  object.get_object()[place.field->name] = std::move(typed);
  return {};
}

// "name=value", "--name=value", "--name value", "--flag", or, to take it back, "name".
Result<> read_value(Words& words, Order& into) {
  std::string word = words.front();
  words.erase(words.begin());
  const bool dashed = word.starts_with("--");
  if (dashed) word.erase(0, 2);
  const auto equals = word.find('=');
  const Place place = TRY(place_of(*into.operation, word.substr(0, equals)));
  if (equals != std::string::npos) return put(place, word.substr(equals + 1), into);
  if (dashed && place.field->kind == Kind::flag) return put(place, "true", into);
  if (dashed && !words.empty()) {
    const std::string value = words.front();
    words.erase(words.begin());
    return put(place, value, into);
  }
  if (!dashed && place.inside != nullptr && into.operation->method == "PUT") {
    into.taken_back.push_back(place.field->name);
    return {};
  }
  return wrong_usage(word + " needs a value: " + word + "=…");
}

Result<> read_parameters(Words& words, Order& into) {
  for (const std::string& name : into.operation->parameters) {
    if (words.empty() || words.front().starts_with("--"))
      return wrong_usage(into.operation->resource + " " + into.operation->verb + " needs the " +
                         name + " of which one");
    into.parameters.push_back(words.front());
    words.erase(words.begin());
  }
  return {};
}

Result<> check_required(const Order& order) {
  if (order.octets) return {};
  const auto given = [&](const Field& field) {
    return order.body.contains(field.name) ||
           std::ranges::any_of(order.query, [&](const auto& q) { return q.first == field.name; });
  };
  for (const auto* fields : {&order.operation->query, &order.operation->body})
    for (const Field& field : *fields)
      if (field.required && !given(field))
        return wrong_usage(order.operation->resource + " " + order.operation->verb + " needs " +
                           field.name + "=…: " + field.meaning);
  return {};
}

Result<> read_octets(const Options& options, Words& words, Order& into) {
  auto path = options.body;
  if (!path && into.operation->takes_octets()) {
    if (words.empty() || words.front().starts_with("--"))
      return wrong_usage(into.operation->resource + " needs a FILE");
    path = words.front();
    words.erase(words.begin());
  }
  if (!path) return {};
  if (into.operation->body_types.empty() && into.operation->method == "GET")
    return wrong_usage(into.operation->resource + " " + into.operation->verb +
                       " sends nothing: leave --body out");
  into.octets = TRY(read_body(*path));
  return {};
}

}  // namespace

Result<Bytes> read_body(const std::string& path) {
  return client::read_file(path == "-" ? "/dev/stdin" : path);
}

Result<Order> read_order(const std::vector<Operation>& all, const Options& options) {
  Words words = options.words;
  Order out;
  out.operation = TRY(find_operation(all, words));
  TRY(read_parameters(words, out));
  TRY(read_octets(options, words, out));
  while (!words.empty()) TRY(read_value(words, out));
  TRY(check_required(out));
  return out;
}

std::string target_of(const Order& order) {
  boost::urls::url url;
  url.set_path_absolute(true);
  std::size_t next = 0;
  std::string_view path = std::string_view(order.operation->path).substr(1);
  while (!path.empty()) {
    const auto end = std::min(path.find('/'), path.size());
    const std::string_view segment = path.substr(0, end);
    url.segments().push_back(segment.starts_with('{') ? order.parameters.at(next++)
                                                      : std::string(segment));
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  for (const auto& [name, value] : order.query) url.params().append({name, value});
  return std::string(url.encoded_target());
}

void merge(const Order& order, json::object& into) {
  for (const auto& [name, value] : order.body) {
    auto& present = into[name];
    if (!value.is_object() || !present.is_object()) {
      present = value;
      continue;
    }
    for (const auto& [member, inside] : value.get_object()) present.get_object()[member] = inside;
  }
  for (const Field& field : order.operation->body)
    if (auto* present = into.if_contains(field.name); present != nullptr && present->is_object())
      for (const auto& name : order.taken_back) present->get_object().erase(name);
}

}  // namespace countersign::app::api
