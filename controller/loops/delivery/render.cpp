// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "controller/loops/delivery/impl.h"

namespace gantry::loops {
namespace {

using Keys = std::shared_ptr<const manifests::sops::Identities>;

/// Of all keys, those that may open the files of the source.
Keys keysFor(const delivery::Source& source, const Keys& all) {
  if (all == nullptr || source.ageRecipients.empty()) return all;
  return std::make_shared<const manifests::sops::Identities>(all->only(source.ageRecipients));
}

}  // namespace

void DeliveryLoop::Impl::load(const model::Name& name, const std::string& commit,
                              const std::string& treeHash,
                              std::function<void(absl::StatusOr<Rendered>)> done) {
  const Follower& follower = followers_.at(name);
  if (const auto known = follower.sets.find(treeHash); known != follower.sets.end()) {
    return done(known->second);
  }
  readAll(name, commit, follower.bases, kMostReadings,
          [this, name, treeHash, epoch = follower.epoch, done](absl::StatusOr<Loaded> loaded) {
            if (!loaded.ok()) return done(loaded.status());
            if (epochOf(name) != epoch) {
              return done(absl::AbortedError("the source of the Application was changed"));
            }
            if (loaded->treeHash != treeHash) {
              return done(absl::NotFoundError("the clone no longer holds the revision's tree"));
            }
            Follower& current = followers_.at(name);
            // After a restart without Git, this is all that says what is followed.
            if (!current.observed) current.bases = loaded->bases;
            current.sets[treeHash] = loaded->set;
            done(std::move(loaded->set));
          });
}

void DeliveryLoop::Impl::readAll(const model::Name& name, const std::string& commit,
                                 std::vector<std::string> bases, int tries,
                                 std::function<void(absl::StatusOr<Loaded>)> done) {
  const delivery::Source source = followers_.at(name).source;
  const auto readAgain = [this, name, commit, bases, tries, done, epoch = epochOf(name)](
                             const std::string& treeHash, Rendered set) {
    std::vector<std::string> wanted(set->folders.begin(), set->folders.end());
    if (wanted == bases) return done(Loaded{treeHash, std::move(wanted), std::move(set)});
    if (epochOf(name) != epoch) {
      return done(absl::AbortedError("the source of the Application was changed"));
    }
    if (tries == 0) {
      return done(absl::FailedPreconditionError(
          "the bases of the kustomization refer to ever more folders; flatten them"));
    }
    readAll(name, commit, std::move(wanted), tries - 1, done);
  };
  git_.readFolder(source.repository, commit, {source.path, bases}, {},
                  whileAlive<absl::StatusOr<gitsync::Folder>>(
                      [this, source, done, readAgain](absl::StatusOr<gitsync::Folder> folder) {
                        if (!folder.ok()) return done(folder.status());
                        const std::string treeHash = folder->treeHash;
                        render(source, *std::move(folder), [treeHash, readAgain](Rendered set) {
                          readAgain(treeHash, std::move(set));
                        });
                      }));
}

void DeliveryLoop::Impl::render(const delivery::Source& source, gitsync::Folder folder,
                                std::function<void(Rendered)> done) {
  struct Job {
    std::vector<manifests::SourceFile> files;
    manifests::RenderOptions options;
    manifests::RenderedSet result;
  };
  auto job = std::make_shared<Job>();
  job->options.folder = source.path;
  job->options.defaultNamespace = source.defaultNamespace;
  job->options.variables = source.variables;
  job->options.keys = keysFor(source, options_.sopsKeys);
  for (gitsync::File& file : folder.files) {
    job->files.push_back({std::move(file.path), std::move(file.content)});
  }
  workers_.run([job] { job->result = manifests::render(job->files, job->options); },
               [alive = alive_, job, done = std::move(done)] {
                 if (!*alive) return;
                 done(std::make_shared<const manifests::RenderedSet>(std::move(job->result)));
               });
}

}  // namespace gantry::loops
