// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/micro/sample_manifests.h"

#include "absl/strings/substitute.h"

namespace gantry::bench {
namespace {

constexpr int kObjectsPerFile = 100;

constexpr char kDeployment[] = R"(---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web-$0
  labels: {app: web-$0}
spec:
  replicas: 3
  selector:
    matchLabels: {app: web-$0}
  template:
    metadata:
      labels: {app: web-$0}
    spec:
      containers:
        - name: web
          image: docker.io/shop/web:$1
          env:
            - {name: COLOUR, value: red}
          ports:
            - {containerPort: 8080, name: http}
          resources:
            requests: {cpu: 100m, memory: 64Mi}
            limits: {memory: 128Mi}
          readinessProbe:
            httpGet: {path: /healthz, port: http}
            periodSeconds: 5
          volumeMounts:
            - {name: pages, mountPath: /pages}
      volumes:
        - name: pages
          configMap: {name: pages}
)";

}  // namespace

std::vector<manifests::SourceFile> sampleManifests(int objects, int version) {
  std::vector<manifests::SourceFile> files;
  for (int index = 0; index < objects; ++index) {
    if (index % kObjectsPerFile == 0) {
      files.push_back({absl::Substitute("web-$0.yaml", index), {}});
    }
    absl::SubstituteAndAppend(&files.back().content, kDeployment, index, version);
  }
  return files;
}

}  // namespace gantry::bench
