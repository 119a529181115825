#include "console/api.h"

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <utility>

#include "console/api_table.h"
#include "console/conditions.h"

namespace countersign::console {
namespace {

constexpr std::string_view kJson = "application/json";

bool is(Method method, std::string_view sent) {
  return sent == name(method) || (method == Method::get && sent == "HEAD");
}

// RFC 9110 §15.5.6 [MUST] Allow in a 405
Problem not_this_method(std::string_view path) {
  std::string allow;
  for (const Route& route : api_table()) {
    if (!match(route.path, path)) continue;
    allow.append(allow.empty() ? "" : ", ").append(name(route.method));
    if (route.method == Method::get) allow.append(", HEAD");
  }
  Problem problem(405, "console.method", "this method is not for this path: use " + allow);
  problem.headers.emplace_back("Allow", allow);
  return problem;
}

Outcome<> check_role(const Route& route, const Operator& by) {
  if (by.is_any_of(route.may)) return {};
  std::string roles;
  for (const RoleName& role : kRoles)
    if (route.may.has(role.role)) roles.append(roles.empty() ? "" : ", ").append(role.name);
  return refuse(403, "console.forbidden", "your roles do not allow this: it is for " + roles);
}

Outcome<> check_accept(const Route& route, std::string_view accept) {
  std::vector<std::string_view> offered{kJson};
  offered.insert(offered.end(), route.answer.other_types.begin(), route.answer.other_types.end());
  if (route.answer.shape == Answer::Shape::nothing || !preferred(accept, offered).empty())
    return {};
  std::string list;
  for (const std::string_view type : offered) list.append(list.empty() ? "" : ", ").append(type);
  return refuse(406, "console.accept", "the answer is not to be had in that form: accept " + list);
}

// Without a body too: a page of another site, in the browser of somebody whose certificate would be
// shown for it, can send any POST but one of these types.
Outcome<> check_content_type(const Route& route, std::string_view type) {
  std::vector<std::string_view> taken(route.body_types.begin(), route.body_types.end());
  if (taken.empty()) taken.push_back(kJson);
  const std::string_view plain = type.substr(0, type.find(';'));
  if (!type.empty() && !preferred(plain, taken).empty()) return {};
  if (route.body_types.empty())
    return refuse(
        415, "console.content-type",
        "set the header Content-Type to application/json, and send one JSON object or nothing");
  std::string list;
  for (const std::string_view one : taken) list.append(list.empty() ? "" : ", ").append(one);
  return refuse(415, "console.content-type", "set the header Content-Type to one of " + list);
}

Outcome<Arguments> body_of(const Api::Admitted& admitted) {
  const auto& request = admitted.request;
  if (!takes_body(admitted.route->method)) return Arguments();
  TRY(check_content_type(*admitted.route, request.content_type));
  if (!admitted.route->body_types.empty()) return Arguments();
  return read_body(request.body, admitted.route->body, admitted.now);
}

// The version that a handler gives, and an If-Match names; else one of the very octets.
std::string version_of(const ports::WebResponse& answer) {
  for (const auto& [name, value] : answer.headers)
    if (name == "ETag") return value;
  return etag_of(View(answer.body));
}

// What a GET gives has a version, and is not sent to who has it.
ports::WebResponse versioned(const Api::Admitted& admitted, ports::WebResponse answer) {
  const bool is_read = admitted.route->method == Method::get && answer.status == 200;
  if (!is_read) return answer;
  const std::string etag = version_of(answer);
  std::erase_if(answer.headers, [](const auto& header) { return header.first == "ETag"; });
  answer.headers.emplace_back("ETag", etag);
  if (!is_known(admitted.request, etag)) return answer;
  return {304, "", {}, std::move(answer.headers)};
}

}  // namespace

Api::Api(ApiParts parts) : parts_(std::move(parts)), doorkeeper_(parts_.operators) {
  if (parts_.run_elsewhere) work_.run_on(parts_.run_elsewhere);
}

std::variant<Api::Admitted, ports::WebResponse> Api::admit(ports::WebRequest request) {
  Admitted admitted{.id = new_id(),
                    .request = std::move(request),
                    .route = nullptr,
                    .parameter = {},
                    .by = {},
                    .now = parts_.at.clock.now()};
  const auto found = find_route(admitted);
  if (found && admitted.route->may.empty()) return admitted;
  auto who = doorkeeper_.admit(admitted.request, admitted.now);
  if (!who) return told(admitted, who.error());
  admitted.by = *std::move(who);
  if (!found) return told(admitted, found.error());
  if (const auto may = check_role(*admitted.route, admitted.by); !may)
    return told(admitted, may.error());
  return admitted;
}

Outcome<> Api::find_route(Admitted& into) const {
  bool known_path = false;
  for (const Route& route : api_table()) {
    auto parameter = match(route.path, into.request.path);
    if (!parameter) continue;
    known_path = true;
    if (!is(route.method, into.request.method)) continue;
    into.route = &route;
    into.parameter = *std::move(parameter);
    return {};
  }
  if (known_path) return std::unexpected(not_this_method(into.request.path));
  return refuse(404, "console.path",
                "there is nothing at this path: /api/v1/openapi.json tells what there is");
}

ports::WebResponse Api::perform(const Admitted& admitted) {
  try {
    auto done = answer(admitted);
    if (!done) return told(admitted, done.error());
    log(admitted, done->status, {}, {});
    return *std::move(done);
  } catch (const std::exception& broken) {
    Problem problem(500, "console.internal",
                    "the server could not do this: its log says why, under this instance");
    problem.detail_for_log = broken.what();
    return told(admitted, problem);
  }
}

Outcome<ports::WebResponse> Api::answer(const Admitted& admitted) {
  const Route& route = *admitted.route;
  TRY(check_accept(route, admitted.request.accept));
  const auto query = TRY(read_query(admitted.request.query, route.query, admitted.now));
  const auto body = TRY(body_of(admitted));
  const Call call{.at = parts_.at,
                  .by = admitted.by,
                  .request = admitted.request,
                  .parameter = admitted.parameter,
                  .query = query,
                  .body = body,
                  .now = admitted.now};
  if (route.method == Method::post && !admitted.request.idempotency_key.empty())
    return answer_once(admitted, call);
  return versioned(admitted, TRY(route.handle(call)));
}

Outcome<ports::WebResponse> Api::answer_once(const Admitted& admitted, const Call& call) {
  const AnswersKept::Key key{admitted.by.name, admitted.request.idempotency_key};
  if (auto before = TRY(kept_.begin(key, admitted.request, admitted.now)))
    return *std::move(before);
  // However the handler ends, the key is free again unless something was done.
  struct Finish {
    ~Finish() { kept.finish(key, answer); }
    AnswersKept& kept;
    const AnswersKept::Key& key;
    ports::WebResponse answer{.status = 500};
  } finish{kept_, key};
  auto done = admitted.route->handle(call);
  if (done) finish.answer = *done;
  return done;
}

ports::WebResponse Api::busy(const Admitted& admitted, const Error& error) {
  Problem problem(503, "console.busy",
                  "too many requests wait for an answer already: send this one again in a second");
  problem.headers.emplace_back("Retry-After", "1");
  problem.detail_for_log = error.code;
  return told(admitted, problem);
}

ports::WebResponse Api::refusal(int status, std::string_view sentence) const {
  return to_response(Problem(status, "console.http", std::string(sentence)), new_id());
}

ports::WebResponse Api::told(const Admitted& admitted, const Problem& problem) const {
  log(admitted, problem.status, problem.code, problem.detail_for_log);
  return to_response(problem, admitted.id);
}

void Api::log(const Admitted& admitted, int status, std::string_view code,
              std::string_view detail) const {
  if (!parts_.log) return;
  parts_.log({.id = admitted.id,
              .method = admitted.request.method,
              .path = admitted.request.path,
              .peer = admitted.request.peer,
              .operator_name = admitted.by.name,
              .status = status,
              .code = code,
              .detail = detail});
}

std::string Api::new_id() const {
  std::array<Byte, 8> octets{};
  if (!parts_.at.entropy.fill(octets)) octets = {};  // it names a request, and guards nothing
  return to_hex(octets);
}

void ApiDoor::handle(ports::WebRequest request, Done<ports::WebResponse> done) {
  boost::asio::co_spawn(
      loop_, answered(std::move(request)),
      [done = std::move(done)](const std::exception_ptr& broken, ports::WebResponse out) mutable {
        if (broken) std::rethrow_exception(broken);
        done(std::move(out));
      });
}

boost::asio::awaitable<ports::WebResponse> ApiDoor::answered(ports::WebRequest request) {
  auto decided = api_.admit(std::move(request));
  if (auto* refused = std::get_if<ports::WebResponse>(&decided)) co_return std::move(*refused);
  const auto& admitted = std::get<Api::Admitted>(decided);
  auto work = [&]() -> Result<ports::WebResponse> { return api_.perform(admitted); };
  auto answer = co_await api_.work().run<ports::WebResponse>(admitted.request.peer, work);
  if (!answer) co_return api_.busy(admitted, answer.error());
  co_return *std::move(answer);
}

}  // namespace countersign::console
