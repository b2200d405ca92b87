// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "manifests/decode/decode.h"
#include "manifests/defaults/defaults.h"
#include "manifests/validate/validate.h"

using namespace gantry::manifests;

namespace {

Resource complete(const Resource& resource) {
  std::shared_ptr<google::protobuf::Message> message(resource.message().New());
  message->CopyFrom(resource.message());
  applyDefaults(*message);
  return resource.with(std::move(message));
}

std::string deployment(const std::string& spec) {
  return "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n" + spec +
         "  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n"
         "    spec: {containers: [{name: web, image: a:1}]}\n";
}

std::string pod(const std::string& spec) {
  return "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n" + spec;
}

std::string container(const std::string& lines) {
  return pod("  containers:\n  - name: web\n    image: a:1\n" + lines);
}

std::string service(const std::string& spec) {
  return "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec:\n  selector: {app: web}\n" +
         spec;
}

std::string job(const std::string& spec, const std::string& policy = "restartPolicy: Never, ") {
  return "apiVersion: batch/v1\nkind: Job\nmetadata: {name: migrate}\nspec:\n" + spec +
         "  template:\n    spec: {" + policy + "containers: [{name: a, image: a:1}]}\n";
}

std::string application(const std::string& spec) {
  return "apiVersion: gantry.dev/v1\nkind: Application\nmetadata: {name: web}\nspec:\n" + spec;
}

std::string notification(const std::string& lines) {
  return "apiVersion: gantry.dev/v1\nkind: Project\nmetadata: {name: default}\nspec:\n"
         "  notifications:\n  - name: team\n" +
         lines;
}

std::string budget(const std::string& spec) {
  return "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: web}\nspec:\n" + spec;
}

std::string ignoring(const std::string& kind, const std::string& path) {
  return application("  ignoreDifferences:\n  - kind: " + kind + "\n    fields:\n    - \"" + path +
                     "\"\n");
}

std::string recipient(const std::string& text) {
  return "apiVersion: gantry.dev/v1\nkind: Project\nmetadata: {name: default}\nspec:\n"
         "  ageRecipients:\n"
         "  - age1j0tadt730ufnyqsh0mth0a2htdnedtfd9qyyd408vjxhyfluevwqg89jya\n  - " +
         text + "\n";
}

std::string commitStatus(const std::string& fields) {
  return notification("    commitStatus:\n      tokenFrom: {secret: a, key: b}\n" + fields);
}

}  // namespace

class TstValidate : public QObject {
  Q_OBJECT

 private slots:
  void saysWhatIsWrong_data() {
    QTest::addColumn<std::string>("text");
    QTest::addColumn<std::string>("expected");
    const auto row = [](const char* name, const std::string& text, const char* expected) {
      QTest::newRow(name) << text << std::string(expected);
    };
    const char* gitHub = "      provider: github\n      apiUrl: https://api.github.com\n";
    row("a template with an unknown placeholder",
        notification("    webhook: {url: https://example.com}\n    template: \"{{event}} "
                     "{{aplication}}\"\n"),
        "f:8:5: error: spec.notifications[0].template: {{aplication}} is not a placeholder; use "
        "{{application}}, {{project}}, {{environment}}, {{event}}, {{plan}}, {{by}}, {{revision}}, "
        "{{author}}, {{summary}}, {{reason}} and {{link}}");
    row("no attempt at all", application("  syncPolicy:\n    retry: {limit: 0}\n"),
        "f:6:13: error: spec.syncPolicy.retry.limit: 0 is outside 1 to 100");
    row("a longest wait that is shorter than the first",
        application("  syncPolicy:\n    retry: {backoffSeconds: 60, maxBackoffSeconds: 30}\n"),
        "f:6:33: error: spec.syncPolicy.retry.maxBackoffSeconds: is shorter than backoffSeconds");
    row("a template with an open placeholder",
        notification("    webhook: {url: https://example.com}\n    template: \"{{event\"\n"),
        "f:8:5: error: spec.notifications[0].template: {{ without }}; close it");
    const auto ignored = [&](const char* name, const char* kind, const char* path,
                             const std::string& message) {
      const std::string place = "f:8:7: error: spec.ignoreDifferences[0].fields[0]: ";
      QTest::newRow(name) << ignoring(kind, path) << place + message;
    };
    ignored("a field that is mistyped", "Deployment", "spec.replica",
            "there is no field \"replica\" in spec; did you mean spec.replicas?");
    ignored("a field that is mistyped at the top", "Deployment", "spek.replicas",
            "there is no field \"spek\"; did you mean spec?");
    ignored("a field that is elsewhere", "Deployment", "containers[web].image",
            "there is no field \"containers\"; it is in spec.template.spec.containers");
    ignored("a field of another kind", "ConfigMap", "spec.replicas",
            "there is no field \"spec\"; remove it");
    ignored("no field", "Deployment", "",
            "a name is missing; write it from the top: spec.replicas");
    ignored("no field at the end", "Deployment", "spec.",
            "a name is missing; write it from the top: spec.replicas");
    ignored("a path in several lines", "Deployment", "spec\\nreplicas",
            "not the way to a field; write spec.replicas");
    ignored("a key as if it were a field", "ConfigMap", "data.app.conf",
            "data holds names with values; write data[app.conf]");
    ignored("an annotation as if it were a field", "Deployment",
            "metadata.annotations.example.com/a",
            "metadata.annotations holds names with values; write "
            "metadata.annotations[example.com/a]");
    ignored("text that is merged over data", "Secret", "stringData[a]",
            "it is merged over data; write data[…]");
    ignored("the name", "Secret", "metadata.name", "it names the object; remove it");
    ignored("the name of an element", "Pod", "spec.containers[web].name",
            "it names the element; remove it");
    ignored("all of the metadata", "Secret", "metadata",
            "it names the object, too; write metadata.labels or metadata.annotations");
    ignored("the status", "Deployment", "status.replicas",
            "the system writes it, and Git does not; remove it");
    ignored(
        "what is not supported", "Deployment", "spec.template.spec.nodeName",
        "it is not supported, so Git does not set it; the scheduler chooses the node; name what "
        "it must have in nodeSelector");
    ignored("a list on the way", "Deployment", "spec.template.spec.containers.image",
            "spec.template.spec.containers is a list; name the element by its name: "
            "spec.template.spec.containers[…].image");
    ignored("a list without names on the way", "Deployment", "spec.template.spec.tolerations.key",
            "spec.template.spec.tolerations is a list; name it as a whole: "
            "spec.template.spec.tolerations");
    ignored("an element that has no name", "Service", "spec.ports[80]",
            "the elements of spec.ports have no name; name it as a whole: spec.ports");
    ignored("an element of what has none", "Deployment", "spec[a]",
            "spec has no elements; write it without [ and ]");
    ignored("what is below a number", "Deployment", "spec.replicas.count",
            "nothing is below spec.replicas; write spec.replicas");
    ignored("what is below an amount", "Pod", "spec.containers[web].resources.limits[cpu].text",
            "nothing is below spec.containers[web].resources.limits[cpu]; write "
            "spec.containers[web].resources.limits[cpu]");
    ignored("an open bracket", "ConfigMap", "data[a", "a [ that is not closed; write data[a]");
    ignored("empty brackets", "ConfigMap", "data[]",
            "nothing is between [ and ]; write the name in there");
    ignored("two keys", "ConfigMap", "data[a][b]",
            "after a ] comes neither a . nor the end; write a . before the next field");
    row("an ignored field of a kind that is mistyped", ignoring("Deploiment", "spec.replicas"),
        "f:6:5: error: spec.ignoreDifferences[0].kind: no Application holds such a kind; did you "
        "mean \"Deployment\"?");
    row("an ignored field of what the system makes", ignoring("Node", "spec.unschedulable"),
        "f:6:5: error: spec.ignoreDifferences[0].kind: no Application holds such a kind");
    const char* noRecipient =
        "f:7:5: error: spec.ageRecipients[1]: not a public key of age, or it was cut off or "
        "mistyped; write it as age-keygen prints it: age1…";
    row("a recipient with a letter mistyped",
        recipient("age1j0tadt730ufnyqsh0mth0a2htdnedtfd9qyyd408vjxhyfluevwqg89jyb"), noRecipient);
    row("a recipient that was cut off", recipient("age1j0tadt730ufnyqsh0mth0a2htdnedtfd9qyyd408vj"),
        noRecipient);
    row("a recipient of SSH", recipient("ssh-ed25519 AAAA"), noRecipient);
    row("a private key in the place of a recipient",
        recipient("AGE-SECRET-KEY-1XV08AS9T9CDTEXX6MKM9YYT20YN03PA205YMYQR5HGW9NHLAHGGS6SU5FA"),
        "f:7:5: error: spec.ageRecipients[1]: a private key of age, which now is in Git; make a "
        "new one, and write its recipient, age1…, that age-keygen prints");
    row("a mail to nobody's address",
        notification(
            "    email:\n      server: smtps://mail.example.com\n      from: a@example.com\n"
            "      to: [b@example.com, ops]\n"),
        "f:10:27: error: spec.notifications[0].email.to[1]: not an address");
    row("a commit status at no URL",
        commitStatus(
            "      provider: github\n      apiUrl: api.github.com\n      repository: a/b\n"),
        "f:10:7: error: spec.notifications[0].commitStatus.apiUrl: not a URL; write it like "
        "https://api.github.com");
    row("a commit status of a provider that there is not",
        commitStatus("      provider: bitbucket\n      apiUrl: https://x\n      repository: a/b\n"),
        "f:9:7: error: spec.notifications[0].commitStatus.provider: \"bitbucket\" is not one of "
        "github, "
        "gitlab, gitea");
    row("a commit status of a repository that leads elsewhere",
        commitStatus(std::string(gitHub) + "      repository: a/..\n"),
        "f:11:7: error: spec.notifications[0].commitStatus.repository: not a repository; write it "
        "as "
        "owner/name");
    row("a commit status of a group of GitHub",
        commitStatus(std::string(gitHub) + "      repository: a/b/c\n"),
        "f:11:7: error: spec.notifications[0].commitStatus.repository: not a repository; write it "
        "as "
        "owner/name");
    row("no name", "apiVersion: v1\nkind: ConfigMap\n",
        "f:1:1: error: metadata.name: a name is missing; add metadata.name");
    row("a name with capitals", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: Web\n",
        "f:4:3: error: metadata.name: \"Web\" is not a valid name; use lower-case letters, digits, "
        "'-' and '.', beginning and ending with a letter or digit");
    row("a Service whose name begins with a digit",
        "apiVersion: v1\nkind: Service\nmetadata: {name: 1web}\nspec: {selector: {a: b}, ports: "
        "[{port: 1}]}\n",
        "f:3:12: error: metadata.name: \"1web\" is not a valid name; use at most 63 lower-case "
        "letters, digits and '-', beginning with a letter");
    row("a label that is none",
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  labels:\n    app: a b\n",
        "f:6:5: error: metadata.labels[app]: \"a b\" is not a valid value of a label; use at most "
        "63 "
        "letters, digits, '-', '_' and '.'");
    row("a namespace in a Namespace",
        "apiVersion: v1\nkind: Namespace\nmetadata: {name: a, namespace: b}\n",
        "f:3:21: error: metadata.namespace: this kind stands outside of namespaces; remove it");
    row("a key of a ConfigMap",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  a/b: c\n",
        "f:5:3: error: data[a/b]: not a valid key; use letters, digits, '-', '_' and '.'");
    row("a Secret for TLS without its key",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ntype: kubernetes.io/tls\n"
        "stringData: {tls.crt: x}\n",
        "f:1:1: error: data: a Secret of type kubernetes.io/tls needs the key tls.key; add it, or "
        "use type: Opaque");

    row("AT-DEP-02 no selector",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  template:\n"
        "    metadata: {labels: {app: nginx}}\n    spec: {containers: [{name: a, image: a:1}]}\n",
        "f:4:1: error: spec.selector: it is missing: a Deployment must say which pods are its own; "
        "add `selector: {matchLabels: {app: nginx}}`");
    row("AT-DEP-02 a selector that does not match",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n"
        "  selector: {matchLabels: {app: other}}\n  template:\n    metadata: {labels: {app: web}}\n"
        "    spec: {containers: [{name: a, image: a:1}]}\n",
        "f:5:3: error: spec.selector: it does not match the labels of the template, so the pods "
        "would not be found; make spec.selector.matchLabels and spec.template.metadata.labels the "
        "same");
    row("AT-DEP-03 another restartPolicy",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n"
        "  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n"
        "    spec:\n      restartPolicy: Never\n      containers: [{name: a, image: a:1}]\n",
        "f:9:7: error: spec.template.spec.restartPolicy: the pods of a workload that keeps running "
        "are always restarted; write `restartPolicy: Always`, or use a Pod");
    row("AT-DEP-04 neither surge nor unavailable",
        deployment(
            "  strategy:\n    rollingUpdate:\n      maxSurge: 0%\n      maxUnavailable: 0\n"),
        "f:8:7: error: spec.strategy.rollingUpdate.maxUnavailable: maxUnavailable and maxSurge are "
        "both 0, so no pod could be replaced; raise one of them");
    row("AT-DEP-13 a deadline before ready",
        deployment("  minReadySeconds: 600\n  progressDeadlineSeconds: 600\n"),
        "f:6:3: error: spec.progressDeadlineSeconds: it must be more than minReadySeconds, or no "
        "rollout could end in time; raise it");
    row("fewer than no replicas", deployment("  replicas: -1\n"),
        "f:5:3: error: spec.replicas: -1 is less than 0");
    row("a percentage in words", deployment("  strategy: {rollingUpdate: {maxSurge: half}}\n"),
        "f:5:30: error: spec.strategy.rollingUpdate.maxSurge: \"half\" is neither a number nor a "
        "percentage; write it like 1 or 25%, without quotes around a number");
    row("a strategy that is nearly one", deployment("  strategy: {type: RolingUpdate}\n"),
        "f:5:14: error: spec.strategy.type: \"RolingUpdate\" is not one of RollingUpdate, "
        "Recreate; "
        "did you mean \"RollingUpdate\"?");

    const char* always =
        "f:6:12: error: spec.template.spec.restartPolicy: the pods of a Job end, and Always starts "
        "them again; write `restartPolicy: Never`, or OnFailure";
    row("AT-JOB-02 a Job that starts again", job("", "restartPolicy: Always, "), always);
    row("AT-JOB-02 a Job that does not say it", job("", ""),
        "f:6:5: error: spec.template.spec.restartPolicy: the pods of a Job end, and Always starts "
        "them again; write `restartPolicy: Never`, or OnFailure");
    const auto annotated = [](const std::string& annotation) {
      return "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  annotations:\n    " +
             annotation + "\n";
    };
    row("a wave that is no number", annotated("gantry.dev/sync-wave: last"),
        "f:6:5: error: metadata.annotations[gantry.dev/sync-wave]: \"last\" is not a wave; write a "
        "whole number in quotes, such as \"-1\" or \"2\"");
    row("a hook that is no Job", annotated("gantry.dev/hook: PreSync"),
        "f:6:5: error: metadata.annotations[gantry.dev/hook]: only a Job can be a hook; make it a "
        "Job, or remove the annotation");
    row("a hook at no known point",
        "apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: a\n  annotations:\n    "
        "gantry.dev/hook: Presync\nspec: {template: {spec: {restartPolicy: Never, containers: "
        "[{name: a, image: x}]}}}\n",
        "f:6:5: error: metadata.annotations[gantry.dev/hook]: \"Presync\" is not one of PreSync, "
        "PostSync, SyncFail; did you mean \"PreSync\"?");
    row("a Job with fewer than no completions", job("  completions: -1\n"),
        "f:5:3: error: spec.completions: -1 is less than 0");
    row("a Job without time", job("  activeDeadlineSeconds: 0\n"),
        "f:5:3: error: spec.activeDeadlineSeconds: 0 is less than 1");
    row("no container", pod("  restartPolicy: Never\n"),
        "f:4:1: error: spec.containers: a pod needs a container; add `containers` with a name and "
        "an image");
    row("two containers of one name",
        pod("  containers:\n  - {name: a, image: x}\n  - {name: a, image: y}\n"),
        "f:7:6: error: spec.containers[1].name: \"a\" is used twice; give each container a name of "
        "its own");
    row("no image", pod("  containers:\n  - name: a\n"),
        "f:6:5: error: spec.containers[0].image: a container needs an image");
    row("a port out of range", container("    ports: [{containerPort: 70000}]\n"),
        "f:8:14: error: spec.containers[0].ports[0].containerPort: 70000 is outside 1 to 65535");
    row("a mount without volume", container("    volumeMounts: [{name: v, mountPath: /v}]\n"),
        "f:8:21: error: spec.containers[0].volumeMounts[0].name: the pod has no volume \"v\"; add "
        "it "
        "to the volumes of the pod, or correct the name");
    row("a request above its limit",
        container("    resources: {limits: {cpu: 1}, requests: {cpu: 1500m}}\n"),
        "f:8:46: error: spec.containers[0].resources.requests[cpu]: 1500m is more than the limit "
        "of "
        "1; lower the request or raise the limit");
    row("thousandths of bytes",
        container("    resources: {limits: {memory: 512m}, requests: {memory: 0}}\n"),
        "f:8:26: warning: spec.containers[0].resources.limits[memory]: \"512m\" is a fraction of a "
        "byte; m means thousandths; did you mean M or Mi?");
    row("AT-PRB-01 successThreshold of liveness",
        container("    livenessProbe: {successThreshold: 2, tcpSocket: {port: 80}}\n"),
        "f:8:21: error: spec.containers[0].livenessProbe.successThreshold: only a readinessProbe "
        "may "
        "ask for more than 1; write 1, or remove it");
    row("AT-PRB-07 grace of readiness",
        container(
            "    readinessProbe: {terminationGracePeriodSeconds: 2, tcpSocket: {port: 80}}\n"),
        "f:8:22: error: spec.containers[0].readinessProbe.terminationGracePeriodSeconds: a "
        "readinessProbe does not end the container; remove it");
    row("a probe of a port that has no name",
        container("    readinessProbe: {tcpSocket: {port: http}}\n"),
        "f:8:34: error: spec.containers[0].readinessProbe.tcpSocket.port: the container has no "
        "port "
        "\"http\"; give one of its ports this name, or write the number");
    row("a probe of a port in quotes",
        container("    readinessProbe: {tcpSocket: {port: \"80\"}}\n"),
        "f:8:34: error: spec.containers[0].readinessProbe.tcpSocket.port: a port number in quotes "
        "is "
        "a name, and the container has no such port; leave out the quotes");
    row("AT-POD-05 a probe of an init container",
        pod("  containers: [{name: a, image: x}]\n  initContainers:\n  - name: b\n    image: x\n"
            "    readinessProbe: {tcpSocket: {port: 80}}\n"),
        "f:9:5: error: spec.initContainers[0].readinessProbe: a container that runs to its end "
        "before the others is not probed; remove it");
    row("a variable from nowhere", container("    env: [{name: A, valueFrom: {}}]\n"),
        "f:8:21: error: spec.containers[0].env[0].valueFrom: a variable needs exactly one source; "
        "use one of fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef");
    row("a field of the pod that cannot be had",
        container("    env: [{name: A, valueFrom: {fieldRef: {fieldPath: status.podIp}}}]\n"),
        "f:8:44: error: spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: \"status.podIp\" "
        "is "
        "not a field of a pod that can be had; did you mean \"status.podIP\"?");
    row("a volume of two sources",
        pod("  containers: [{name: a, image: x}]\n  volumes:\n  - name: v\n    emptyDir: {}\n"
            "    hostPath: {path: /x}\n"),
        "f:7:5: error: spec.volumes[0]: a volume has exactly one source; use one of emptyDir, "
        "hostPath, configMap, secret");
    row("a hostPath that climbs",
        pod("  containers: [{name: a, image: x}]\n  volumes:\n  - {name: v, hostPath: {path: "
            "/a/../b}}\n"),
        "f:7:26: error: spec.volumes[0].hostPath.path: it must be an absolute path without ..");

    row("AT-SVC-04 several ports without names",
        service("  ports: [{port: 1, name: a}, {port: 2}]\n"),
        "f:6:31: error: spec.ports[1]: a Service with several ports needs a name for each; add "
        "`name`");
    row("AT-SVC-03 a nodePort out of range",
        service("  type: NodePort\n  ports: [{port: 1, nodePort: 80}]\n"),
        "f:7:21: error: spec.ports[0].nodePort: 80 is outside 30000 to 32767");
    row("a nodePort of a ClusterIP", service("  ports: [{port: 1, nodePort: 30000}]\n"),
        "f:6:21: error: spec.ports[0].nodePort: a Service of type ClusterIP has no nodePort; write "
        "`type: NodePort`, or remove it");
    row("no port", service("  type: ClusterIP\n"),
        "f:4:1: error: spec.ports: a Service needs a port; add `ports` with at least one `port`");
    row("a LoadBalancer", service("  type: LoadBalancer\n  ports: [{port: 1}]\n"),
        "f:6:3: warning: spec.type: there is no pool of addresses yet: it is served like type "
        "NodePort; use type: NodePort");
    row("an ExternalName", service("  type: ExternalName\n  ports: [{port: 1}]\n"),
        "f:6:3: error: spec.type: not supported; names outside need DNS, which comes later");

    const std::string selector = "  selector: {matchLabels: {app: web}}\n";
    row("a budget with both numbers", budget(selector + "  minAvailable: 1\n  maxUnavailable: 1\n"),
        "f:7:3: error: spec.maxUnavailable: minAvailable says already how many pods must stay; "
        "remove one of the two");
    row("a budget above all pods", budget(selector + "  minAvailable: 150%\n"),
        "f:6:3: error: spec.minAvailable: more than 100%");
    row("a budget of a broken percentage", budget(selector + "  maxUnavailable: half\n"),
        "f:6:3: error: spec.maxUnavailable: \"half\" is neither a number nor a percentage; write "
        "it "
        "like 1 or 25%, without quotes around a number");
    row("a budget below none", budget(selector + "  maxUnavailable: -1\n"),
        "f:6:3: error: spec.maxUnavailable: -1 is less than 0");
    row("a budget for no pod", budget("  minAvailable: 1\n"),
        "f:4:1: warning: spec: without a selector it is for no pod; write `selector: {matchLabels: "
        "…}`, or `selector: {}` for all of the namespace");
    row("a budget with a policy that is mistyped",
        budget(selector + "  unhealthyPodEvictionPolicy: AlwaysAlow\n"),
        "f:6:3: error: spec.unhealthyPodEvictionPolicy: \"AlwaysAlow\" is not one of "
        "IfHealthyBudget, AlwaysAllow; did you mean \"AlwaysAllow\"?");

    row("a repository over plain http", application("  source: {repoURL: \"http://x/y\"}\n"),
        "f:5:12: error: spec.source.repoURL: http:// can be read and changed on the way; use "
        "https://");
    row("a repository that is an option", application("  source: {repoURL: --upload-pack=x}\n"),
        "f:5:12: error: spec.source.repoURL: not a repository that Gantry can read; use https://, "
        "ssh://, file://, an absolute path, or . for this repository");
    row("a branch that is an option", application("  source: {targetRevision: -x}\n"),
        "f:5:12: error: spec.source.targetRevision: not a valid name of a branch");
    row("a folder outside", application("  source: {path: a/../../b}\n"),
        "f:5:12: error: spec.source.path: the folder must be inside the repository; write it "
        "without "
        "leading / and ..");
    row("fewer than no approvals", application("  syncPolicy: {approval: {required: -1}}\n"),
        "f:5:27: error: spec.syncPolicy.approval.required: -1 is less than 0");
    row("another end of what it has applied", application("  deletionPolicy: remove\n"),
        "f:5:3: error: spec.deletionPolicy: \"remove\" is not one of orphan, delete");
  }

  void saysWhatIsWrong() {
    QFETCH(std::string, text);
    QFETCH(std::string, expected);
    const Decoded decoded = decode(text, "f");
    for (const Diagnostic& diagnostic : decoded.diagnostics) QFAIL(diagnostic.toString().c_str());
    QCOMPARE(decoded.resources.size(), 1u);
    std::string all;
    for (const Diagnostic& diagnostic : validate(complete(decoded.resources[0]))) {
      all += (all.empty() ? "" : "\n") + diagnostic.toString();
    }
    QCOMPARE(all, expected);
  }

  void acceptsWhatIsRight_data() {
    QTest::addColumn<std::string>("text");
    QTest::newRow("a Deployment") << deployment("  replicas: 0\n");
    const std::string gitLab =
        "      provider: gitlab\n      apiUrl: https://gitlab.example.com/api/v4\n";
    QTest::newRow("a commit status in a subgroup of GitLab")
        << commitStatus(gitLab + "      repository: a/b/c.d_e-f\n");
    QTest::newRow("a commit status in a numbered project of GitLab")
        << commitStatus(gitLab + "      repository: \"4711\"\n");
    QTest::newRow("a surge above 100%")
        << deployment("  strategy: {rollingUpdate: {maxSurge: 200%, maxUnavailable: 0}}\n");
    QTest::newRow("a Job") << job("  completions: 3\n  backoffLimit: 0\n");
    QTest::newRow("a Job that restarts what failed") << job("", "restartPolicy: OnFailure, ");
    QTest::newRow("a budget for all pods of the namespace") << budget("  selector: {}\n");
    QTest::newRow("a budget of all pods")
        << budget("  selector: {matchLabels: {app: web}}\n  minAvailable: 100%\n");
    for (const auto& [kind, path] :
         {std::pair("ConfigMap", "data[app.conf]"), std::pair("ConfigMap", "binaryData"),
          std::pair("Secret", "type"), std::pair("Secret", "metadata.annotations[example.com/a.b]"),
          std::pair("Pod", "spec.containers[web].resources.limits[cpu]"),
          std::pair("Deployment", "spec.template.metadata.annotations")}) {
      QTest::addRow("an ignored %s of a %s", path, kind) << ignoring(kind, path);
    }
    QTest::newRow("a headless Service without ports") << service("  clusterIP: None\n");
    QTest::newRow("one port by TCP and UDP")
        << service("  ports: [{name: a, port: 53}, {name: b, port: 53, protocol: UDP}]\n");
    QTest::newRow("the repository of the Application")
        << application("  source: {repoURL: ., path: a/b}\n");
    QTest::newRow("what it has applied goes with it") << application("  deletionPolicy: delete\n");
    QTest::newRow("a probe of a named port") << container(
        "    ports: [{name: http, containerPort: 80}]\n"
        "    readinessProbe: {httpGet: {port: http}}\n");
  }

  void acceptsWhatIsRight() {
    QFETCH(std::string, text);
    const Decoded decoded = decode(text, "f");
    QCOMPARE(decoded.resources.size(), 1u);
    for (const Diagnostic& diagnostic : validate(complete(decoded.resources[0]))) {
      QFAIL(diagnostic.toString().c_str());
    }
  }

  void refusesSecretsAboveOneMebibyte() {
    const std::string text =
        "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData:\n  a: ";
    const auto problems = [&](std::size_t size) {
      DecodeLimits limits;
      limits.maxBytes = 4 << 20;
      return validate(decode(text + std::string(size, 'x') + "\n", "f", limits).resources.at(0));
    };
    QVERIFY(problems((1 << 20) - 1).empty());
    QCOMPARE(problems(1 << 20).at(0).toString(),
             std::string("f:1:1: error: data: more than 1 MiB; split the Secret"));
  }
};

QTEST_GUILESS_MAIN(TstValidate)
#include "tst_validate.moc"
