// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "absl/strings/str_cat.h"
#include "controller/api/control.grpc.pb.h"
#include "tests/controller/server/test_server.h"

using namespace gantry;
using namespace gantry::tests;
using access::Identity;
using access::Role;

namespace {

schema::ConfigMap configMap(const std::string& name, const std::string& tier) {
  schema::ConfigMap map;
  map.mutable_metadata()->set_namespace_("shop");
  map.mutable_metadata()->set_name(name);
  (*map.mutable_metadata()->mutable_labels())["tier"] = tier;
  return map;
}

}  // namespace

class TstServerPeople : public QObject {
  Q_OBJECT

 private slots:
  void init() {
    server_ = std::make_unique<TestServer>();
    control_ = api::Control::NewStub(server_->dial(Identity{"ana", Role::kAdmin}));
  }
  void cleanup() {
    control_.reset();
    server_.reset();
  }

  void watch() {
    server_->commit([](auto& transaction) { transaction.put(configMap("a", "front")); });
    const auto context = patient();
    api::WatchRequest request;
    request.add_kinds("ConfigMap");
    const auto stream = control_->Watch(context.get(), request);
    api::WatchResponse response;
    QVERIFY(stream->Read(&response));
    QVERIFY(response.snapshot_begin());
    QVERIFY(stream->Read(&response));
    QCOMPARE(response.put(0).config_map().metadata().name(), std::string("a"));
    QVERIFY(stream->Read(&response));
    QVERIFY(response.snapshot_done());
    server_->commit([](auto& transaction) {
      transaction.put(configMap("b", "front"));
      transaction.template erase<schema::ConfigMap>({"shop", "a"});
    });
    do {
      QVERIFY(stream->Read(&response));
    } while (response.put().empty());
    QCOMPARE(response.put(0).config_map().metadata().name(), std::string("b"));
    QCOMPARE(response.deleted(0).name(), std::string("a"));
    QCOMPARE(response.revision(), std::uint64_t(2));
    // The next message is a heartbeat: nothing happens any more.
    QVERIFY(stream->Read(&response));
    QVERIFY(response.put().empty());
    QVERIFY(response.server_time_ms() > 0);
    context->TryCancel();
    QCOMPARE(stream->Finish().error_code(), grpc::CANCELLED);
  }

  void areToldWhenTheyWatchWhatIsNotThere() {
    const auto context = patient();
    api::WatchRequest request;
    request.add_kinds("Gadget");
    const auto stream = control_->Watch(context.get(), request);
    api::WatchResponse response;
    QVERIFY(!stream->Read(&response));
    QCOMPARE(stream->Finish().error_code(), grpc::INVALID_ARGUMENT);
  }

  void areNotHeldUpByAWatcherWhoDoesNotRead() {
    const auto context = patient();
    const auto silent = control_->Watch(context.get(), {});
    for (int i = 0; i < 200; ++i) {
      server_->commit([i](auto& transaction) {
        schema::ConfigMap map = configMap("large", "front");
        (*map.mutable_data())["text"] = std::string(100'000, static_cast<char>('a' + i % 26));
        transaction.put(map);
      });
    }
    api::ListRequest request;
    request.set_kind("ConfigMap");
    api::ListResponse response;
    QVERIFY(control_->List(patient().get(), request, &response).ok());
    // What it finds when it reads again is the last state, without most of those before.
    api::WatchResponse seen;
    int messages = 0;
    std::string text;
    while (text != response.items(0).config_map().data().at("text")) {
      QVERIFY(silent->Read(&seen));
      for (const auto& object : seen.put()) text = object.config_map().data().at("text");
      ++messages;
    }
    QVERIFY2(messages < 100, absl::StrCat(messages).c_str());
    context->TryCancel();
  }

  void list_data() {
    QTest::addColumn<QString>("selector");
    QTest::addColumn<QString>("name");
    QTest::addColumn<int>("count");
    QTest::newRow("everything") << "" << "" << 3;
    QTest::newRow("by label") << "tier=front" << "" << 2;
    QTest::newRow("by name") << "" << "c" << 1;
    QTest::newRow("by a name that is not there") << "" << "d" << 0;
  }
  void list() {
    QFETCH(QString, selector);
    QFETCH(QString, name);
    QFETCH(int, count);
    server_->commit([](auto& transaction) {
      transaction.put(configMap("a", "front"));
      transaction.put(configMap("b", "front"));
      transaction.put(configMap("c", "back"));
    });
    api::ListRequest request;
    request.set_kind("ConfigMap");
    request.set_name(name.toStdString());
    request.set_selector(selector.toStdString());
    api::ListResponse response;
    const grpc::Status status = control_->List(patient().get(), request, &response);
    QVERIFY2(status.ok(), status.error_message().c_str());
    QCOMPARE(response.items_size(), count);
    QCOMPARE(response.revision(), std::uint64_t(1));
  }

  void areToldWhatIsWrongWithAList() {
    api::ListRequest request;
    api::ListResponse response;
    QCOMPARE(control_->List(patient().get(), request, &response).error_code(),
             grpc::INVALID_ARGUMENT);
    request.set_kind("Pod");
    request.set_selector("a in b");
    QCOMPARE(control_->List(patient().get(), request, &response).error_code(),
             grpc::INVALID_ARGUMENT);
  }

  void doThingsInTheirOwnName() {
    api::SyncRequest sync;
    sync.set_application("front");
    api::SyncResponse synced;
    QVERIFY(control_->Sync(patient().get(), sync, &synced).ok());
    QCOMPARE(synced.plan(), std::string("front-1"));
    QVERIFY(controllerDiary().waitFor("sync front by ana"));
    api::NodeRequest node;
    node.set_node("n1");
    api::NodeResponse answer;
    QVERIFY(control_->Cordon(patient().get(), node, &answer).ok());
    QVERIFY(controllerDiary().waitFor("cordon n1 by ana"));
  }

  void seeWhyTheyAreRefused() {
    api::ApprovePlanRequest request;
    request.set_plan("front-1");
    request.set_digest("stale");
    api::Plan plan;
    const grpc::Status status = control_->ApprovePlan(patient().get(), request, &plan);
    QCOMPARE(status.error_code(), grpc::FAILED_PRECONDITION);
    QCOMPARE(status.error_message(), std::string("the plan has changed; look again"));
  }

  void makeJoinTokens() {
    api::CreateJoinTokenRequest request;
    request.set_ttl_seconds(3600);
    api::CreateJoinTokenResponse response;
    QVERIFY(control_->CreateJoinToken(patient().get(), request, &response).ok());
    QVERIFY(response.token().starts_with("GANTRY-1-" + server_->authority().certificateHash()));
    QVERIFY(response.expires_at_ms() > base::toUnixMs(server_->now()));
    request.set_ttl_seconds(-1);
    QCOMPARE(control_->CreateJoinToken(patient().get(), request, &response).error_code(),
             grpc::INVALID_ARGUMENT);
  }

  void areSentAwayWhenTheServerStops() {
    const auto context = patient();
    const auto stream = control_->Watch(context.get(), {});
    api::WatchResponse response;
    QVERIFY(stream->Read(&response));
    server_.reset();
    while (stream->Read(&response)) {
    }
    QVERIFY(!stream->Finish().ok());
  }

 private:
  std::unique_ptr<TestServer> server_;
  std::unique_ptr<api::Control::Stub> control_;
};

QTEST_GUILESS_MAIN(TstServerPeople)
#include "tst_server_people.moc"
