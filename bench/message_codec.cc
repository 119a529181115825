// Parsing and encoding one message, beside OpenSSL's codec on the same octets; the ratios at the
// end.   bench_message_codec [Google Benchmark's options]
#include <benchmark/benchmark.h>
#include <openssl/cmp.h>

#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <string>

#include "message/message.h"

namespace {

using namespace countersign;

Bytes vector(const std::string& name) {
  std::ifstream in(std::string(COUNTERSIGN_SOURCE_DIR "/tests/vectors/message/") + name + ".der",
                   std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

struct Free {
  void operator()(OSSL_CMP_MSG* message) const { OSSL_CMP_MSG_free(message); }
  void operator()(unsigned char* octets) const { OPENSSL_free(octets); }
};
using OpensslMessage = std::unique_ptr<OSSL_CMP_MSG, Free>;
using OpensslOctets = std::unique_ptr<unsigned char, Free>;

OpensslMessage openssl_parse(const Bytes& octets) {
  const unsigned char* at = octets.data();
  return OpensslMessage(d2i_OSSL_CMP_MSG(nullptr, &at, static_cast<long>(octets.size())));
}

void parse(benchmark::State& state, const char* name) {
  const Bytes octets = vector(name);
  if (!message::parse_message(octets)) state.SkipWithError("does not parse");
  for (auto _ : state) benchmark::DoNotOptimize(message::parse_message(octets));
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * octets.size()));
}

void parse_openssl(benchmark::State& state, const char* name) {
  const Bytes octets = vector(name);
  if (!openssl_parse(octets)) state.SkipWithError("does not parse");
  for (auto _ : state) benchmark::DoNotOptimize(openssl_parse(octets));
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * octets.size()));
}

// From the fields, as a message that is being built: nothing of the old octets is used.
void encode(benchmark::State& state, const char* name) {
  const Bytes octets = vector(name);
  auto parsed = message::parse_message(octets);
  if (!parsed) return state.SkipWithError("does not parse");
  parsed->header_and_body.clear();
  if (auto* requests = std::get_if<crmf::CertReqMessages>(&parsed->body.content))
    for (auto& request : *requests) request.cert_req_der.clear();
  if (message::encode(*parsed) != octets) state.SkipWithError("encodes to something else");
  for (auto _ : state) benchmark::DoNotOptimize(message::encode(*parsed));
}

void encode_openssl(benchmark::State& state, const char* name) {
  const Bytes octets = vector(name);
  const OpensslMessage parsed = openssl_parse(octets);
  if (!parsed) return state.SkipWithError("does not parse");
  for (auto _ : state) {
    unsigned char* out = nullptr;
    benchmark::DoNotOptimize(i2d_OSSL_CMP_MSG(parsed.get(), &out));
    const OpensslOctets freed(out);
  }
}

BENCHMARK_CAPTURE(parse, ir, "ir_mac_1_req");
BENCHMARK_CAPTURE(parse_openssl, ir, "ir_mac_1_req");
BENCHMARK_CAPTURE(encode, ir, "ir_mac_1_req");
BENCHMARK_CAPTURE(encode_openssl, ir, "ir_mac_1_req");
BENCHMARK_CAPTURE(parse, ip, "ir_mac_1_rsp");
BENCHMARK_CAPTURE(parse_openssl, ip, "ir_mac_1_rsp");
BENCHMARK_CAPTURE(encode, ip, "ir_mac_1_rsp");
BENCHMARK_CAPTURE(encode_openssl, ip, "ir_mac_1_rsp");

class Ratios : public benchmark::ConsoleReporter {
 public:
  void ReportRuns(const std::vector<Run>& runs) override {
    ConsoleReporter::ReportRuns(runs);
    for (const Run& run : runs) times_[run.run_name.function_name] = run.GetAdjustedCPUTime();
  }
  void Finalize() override {
    GetOutputStream() << "\nOpenSSL's time as a multiple of ours\n";
    for (const auto& [name, time] : times_) {
      const auto at = name.find('/');
      const auto theirs = times_.find(name.substr(0, at) + "_openssl" + name.substr(at));
      if (at != std::string::npos && theirs != times_.end())
        GetOutputStream() << "  " << name << " " << theirs->second / time << "\n";
    }
  }

 private:
  std::map<std::string, double> times_;
};

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  Ratios reporter;
  benchmark::RunSpecifiedBenchmarks(&reporter);
}
