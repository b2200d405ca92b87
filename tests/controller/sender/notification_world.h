// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QJsonDocument>
#include <QJsonObject>

#include <memory>
#include <string>

#include "base/check.h"
#include "controller/loops/notify_loop.h"
#include "controller/sender/curl_sender.h"
#include "controller/store/memory_store.h"
#include "tests/support/running_executor.h"

namespace gantry::tests {

inline constexpr char kCommit[] = "59b20b8d5c6ff8d09518454d4dd8b7b30f095ab5";

/// Everything between the ledger and the network, for one Notification.
class NotificationWorld {
 public:
  explicit NotificationWorld(schema::Notification notification,
                             sender::CurlSender::Options options = {})
      : options_(std::move(options)) {
    executor_.call([&] {
      ledger_ = *model::Ledger::open(store_);
      events_ = std::make_unique<loops::EventRecorder>(executor_.get(), *ledger_);
      events_->start();
      ledger_->observe([this](std::span<const model::Change> changes) {
        for (const model::Change& change : changes) {
          if (const auto* event = change.as<schema::Event>()) remarks.put(event->message());
        }
      });
      schema::Project project;
      project.mutable_metadata()->set_namespace_("gantry-system");
      project.mutable_metadata()->set_name("default");
      notification.set_name("team");
      *project.mutable_spec()->add_notifications() = std::move(notification);
      schema::Application application;
      application.mutable_metadata()->set_namespace_("gantry-system");
      application.mutable_metadata()->set_name("shop");
      put(std::move(project), std::move(application));
      begin();
    });
  }
  ~NotificationWorld() {
    executor_.call([&] {
      end();
      events_.reset();
    });
  }

  /// Ends what sends, and starts it anew on the same store.
  void restart() {
    executor_.call([&] {
      end();
      begin();
    });
  }

  void setSecret(const std::string& key, const std::string& value) {
    secret_.mutable_metadata()->set_namespace_("gantry-system");
    secret_.mutable_metadata()->set_name("notify");
    (*secret_.mutable_data())[key] = value;
    executor_.call([&] { put(secret_); });
  }

  /// A plan of the Application gets to that state.
  void happens(api::PlanState state, int number = 1) {
    api::Plan plan;
    plan.set_namespace_("gantry-system");
    plan.set_application("shop");
    plan.set_name("shop-" + std::to_string(number));
    plan.set_state(state);
    plan.mutable_revision()->set_commit(kCommit);
    plan.mutable_revision()->set_subject("Raise the replicas");
    executor_.call([&] { put(std::move(plan)); });
  }

  support::Inbox<std::string> remarks;

 private:
  void begin() {
    sender_ = std::make_unique<sender::CurlSender>(executor_.get(), options_);
    outbox_ = *loops::Outbox::open(executor_.get(), store_);
    loops::NotifyLoop::Options options;
    options.externalUrl = "https://gantry.example.com";
    options.firstDelay = base::Duration(10);
    loop_ = std::make_unique<loops::NotifyLoop>(
        loops::LoopContext{executor_.get(), *ledger_, *events_}, *sender_, *outbox_, options);
    loop_->start();
  }
  void end() {
    loop_.reset();
    outbox_.reset();
    sender_.reset();
  }

  template <class... T>
  void put(T... objects) {
    model::Transaction transaction(ledger_->state());
    (transaction.put(std::move(objects)), ...);
    GANTRY_CHECK(ledger_->commit(std::move(transaction)).ok());
  }

  store::MemoryStore store_;
  schema::Secret secret_;
  support::RunningExecutor executor_;
  std::unique_ptr<model::Ledger> ledger_;
  std::unique_ptr<loops::EventRecorder> events_;
  sender::CurlSender::Options options_;
  std::unique_ptr<sender::CurlSender> sender_;
  std::unique_ptr<loops::Outbox> outbox_;
  std::unique_ptr<loops::NotifyLoop> loop_;
};

inline void refer(schema::SecretKeyRef* reference, const char* key) {
  reference->set_secret("notify");
  reference->set_key(key);
}

inline schema::Notification webhook(const std::string& url) {
  schema::Notification made;
  made.mutable_webhook()->set_url(url);
  return made;
}

inline schema::Notification email(const std::string& server, bool allowPlain) {
  schema::Notification made;
  made.mutable_email()->set_server(server);
  made.mutable_email()->set_from("gantry@example.com");
  made.mutable_email()->add_to("ops@example.com");
  made.mutable_email()->add_to("ana@example.com");
  if (allowPlain) made.mutable_email()->set_allow_plain(true);
  return made;
}

inline QJsonObject json(const std::string& text) {
  return QJsonDocument::fromJson(QByteArray::fromStdString(text)).object();
}

}  // namespace gantry::tests
