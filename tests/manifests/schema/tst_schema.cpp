// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include <set>

#include "manifests/resource.h"

using namespace gantry::manifests;
namespace schema = gantry::schema;
using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

namespace {

void collect(const Descriptor& message, std::set<const FieldDescriptor*>& fields) {
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor* field = message.field(i);
    if (!fields.insert(field).second) return;
    if (field->message_type() != nullptr) collect(*field->message_type(), fields);
  }
}

std::set<const FieldDescriptor*> allFields() {
  std::set<const FieldDescriptor*> fields;
  for (const Kind& kind : allKinds()) collect(*kind.descriptor, fields);
  return fields;
}

}  // namespace

class TstSchema : public QObject {
  Q_OBJECT

 private slots:
  void whatIsNotImplementedSaysWhy() {
    int refused = 0;
    for (const FieldDescriptor* field : allFields()) {
      const schema::FieldSupport& support = field->options().GetExtension(schema::field);
      if (support.support() == schema::IMPLEMENTED) {
        QVERIFY2(support.reason().empty() && support.allowed().empty(), field->full_name().c_str());
        continue;
      }
      ++refused;
      QVERIFY2(!support.reason().empty(), field->full_name().c_str());
      QVERIFY2(support.reason().back() != '.', field->full_name().c_str());
      QVERIFY2(support.reason().find('\n') == std::string::npos, field->full_name().c_str());
    }
    QVERIFY(refused > 80);
  }

  void whatIsNotModelledIsNotImplemented() {
    for (const FieldDescriptor* field : allFields()) {
      if (field->message_type() != schema::Unmodelled::descriptor()) continue;
      const bool dropped = field->options().GetExtension(schema::system);
      const bool told =
          field->options().GetExtension(schema::field).support() != schema::IMPLEMENTED;
      QVERIFY2(dropped || told, field->full_name().c_str());
    }
  }

  void mergeKeysNameAField() {
    for (const FieldDescriptor* field : allFields()) {
      const std::string& key = field->options().GetExtension(schema::merge_key);
      if (key.empty() || field->message_type() == schema::Unmodelled::descriptor()) continue;
      bool found = false;
      for (int i = 0; i < field->message_type()->field_count(); ++i) {
        found = found || field->message_type()->field(i)->json_name() == key;
      }
      QVERIFY2(found, field->full_name().c_str());
    }
  }

  void mapsAreKeyedByText() {
    for (const FieldDescriptor* field : allFields()) {
      if (!field->is_map()) continue;
      QCOMPARE(field->message_type()->map_key()->type(), FieldDescriptor::TYPE_STRING);
    }
  }

  void knowsEveryFieldOfKubernetes_data() {
    QTest::addColumn<QString>("message");
    QTest::addColumn<QString>("names");
    QTest::newRow("PodSpec")
        << "PodSpec"
        << QStringLiteral(
               "volumes initContainers containers ephemeralContainers restartPolicy "
               "terminationGracePeriodSeconds activeDeadlineSeconds dnsPolicy nodeSelector "
               "serviceAccountName serviceAccount automountServiceAccountToken nodeName "
               "hostNetwork hostPID "
               "hostIPC shareProcessNamespace securityContext imagePullSecrets hostname subdomain "
               "affinity "
               "schedulerName tolerations hostAliases priorityClassName priority dnsConfig "
               "readinessGates "
               "runtimeClassName enableServiceLinks preemptionPolicy overhead "
               "topologySpreadConstraints "
               "setHostnameAsFQDN os hostUsers schedulingGates resourceClaims resources "
               "hostnameOverride");
    QTest::newRow("JobSpec") << "JobSpec"
                             << QStringLiteral(
                                    "parallelism completions activeDeadlineSeconds "
                                    "podFailurePolicy successPolicy backoffLimit "
                                    "backoffLimitPerIndex maxFailedIndexes selector "
                                    "manualSelector template ttlSecondsAfterFinished "
                                    "completionMode suspend podReplacementPolicy managedBy");
    QTest::newRow("Container") << "Container"
                               << QStringLiteral(
                                      "name image command args workingDir ports envFrom env "
                                      "resources resizePolicy restartPolicy "
                                      "restartPolicyRules volumeMounts volumeDevices livenessProbe "
                                      "readinessProbe startupProbe "
                                      "lifecycle terminationMessagePath terminationMessagePolicy "
                                      "imagePullPolicy securityContext "
                                      "stdin stdinOnce tty");
    QTest::newRow("Volume")
        << "Volume"
        << QStringLiteral(
               "name hostPath emptyDir gcePersistentDisk awsElasticBlockStore gitRepo secret nfs "
               "iscsi "
               "glusterfs persistentVolumeClaim rbd flexVolume cinder cephfs flocker downwardAPI "
               "fc "
               "azureFile configMap vsphereVolume quobyte azureDisk photonPersistentDisk projected "
               "portworxVolume scaleIO storageos csi ephemeral image");
    QTest::newRow("SecurityContext") << "SecurityContext"
                                     << QStringLiteral(
                                            "capabilities privileged seLinuxOptions windowsOptions "
                                            "runAsUser runAsGroup runAsNonRoot "
                                            "readOnlyRootFilesystem allowPrivilegeEscalation "
                                            "procMount seccompProfile appArmorProfile");
    QTest::newRow("PodSecurityContext")
        << "PodSecurityContext"
        << QStringLiteral(
               "seLinuxOptions windowsOptions runAsUser runAsGroup runAsNonRoot supplementalGroups "
               "supplementalGroupsPolicy fsGroup sysctls fsGroupChangePolicy seccompProfile "
               "appArmorProfile seLinuxChangePolicy");
    QTest::newRow("ServiceSpec")
        << "ServiceSpec"
        << QStringLiteral(
               "ports selector clusterIP clusterIPs type externalIPs sessionAffinity "
               "loadBalancerIP "
               "loadBalancerSourceRanges externalName externalTrafficPolicy healthCheckNodePort "
               "publishNotReadyAddresses sessionAffinityConfig ipFamilies ipFamilyPolicy "
               "allocateLoadBalancerNodePorts loadBalancerClass internalTrafficPolicy "
               "trafficDistribution");
    QTest::newRow("DeploymentSpec")
        << "DeploymentSpec"
        << QStringLiteral(
               "replicas selector template strategy minReadySeconds revisionHistoryLimit paused "
               "progressDeadlineSeconds");
    QTest::newRow("ReplicaSetSpec") << "ReplicaSetSpec"
                                    << "replicas minReadySeconds selector template";
    QTest::newRow("ConfigMap") << "ConfigMap" << "metadata data binaryData immutable";
    QTest::newRow("Secret") << "Secret" << "metadata data stringData type immutable";
    QTest::newRow("ObjectMeta") << "ObjectMeta"
                                << QStringLiteral(
                                       "name generateName namespace selfLink uid resourceVersion "
                                       "generation creationTimestamp "
                                       "deletionTimestamp deletionGracePeriodSeconds labels "
                                       "annotations ownerReferences finalizers "
                                       "managedFields");
  }

  void knowsEveryFieldOfKubernetes() {
    QFETCH(QString, message);
    QFETCH(QString, names);
    std::set<std::string> known;
    for (const FieldDescriptor* field : allFields()) {
      if (field->containing_type()->name() == message.toStdString())
        known.insert(field->json_name());
    }
    for (const QString& name : names.split(' ')) {
      QVERIFY2(known.contains(name.toStdString()), qPrintable(name));
    }
  }
};

QTEST_GUILESS_MAIN(TstSchema)
#include "tst_schema.moc"
