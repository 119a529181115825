#include "client/install.h"

#include "client/files.h"

namespace countersign::client {
namespace {

Result<bool> same_content(const std::string& path, View content) {
  if (!file_exists(path)) return false;
  const Secret there(TRY(read_file(path)));
  return equal_in_constant_time(there.expose(), content);
}

Result<> replace_key(const Places& places) {
  const Secret key(TRY(read_file(places.journal_key)));
  if (TRY(same_content(*places.key, key.expose()))) return {};
  TRY(keep_old(*places.key));
  TRY(keep_old(places.certificate));
  TRY(remove_file(places.certificate));
  return write_file(*places.key, key.expose(), Access::secret);
}

}  // namespace

Result<> check(const Places& places) {
  TRY(check_writable(places.certificate));
  if (places.roots) TRY(check_writable(*places.roots));
  if (places.key) TRY(check_writable(*places.key));
  return {};
}

Result<> install(const Kept& kept, const Places& places) {
  std::vector<Bytes> list{kept.leaf};
  list.insert(list.end(), kept.chain.begin(), kept.chain.end());
  const std::string certificates = to_pem(list);
  if (places.roots && !kept.root.empty())
    TRY(write_file(*places.roots, view(to_pem({kept.root})), Access::open));
  if (places.key) TRY(replace_key(places));
  if (TRY(same_content(places.certificate, view(certificates)))) return {};
  TRY(keep_old(places.certificate));
  return write_file(places.certificate, view(certificates), Access::open);
}

}  // namespace countersign::client
