// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openssl/evp.h>
#include <QByteArray>
#include <QCryptographicHash>
#include <QList>
#include <QString>

#include <string>
#include <vector>

#include "tests/manifests/sops/keys.h"

namespace gantry::testing {

/// Encrypts files as SOPS does, from the description of the format: a file is written as text in
/// which {{type|path|value}} stands for a value to encrypt, {{=value}} for one that is hashed and
/// left, and {{sops}} for the metadata in YAML.
class SopsEncryptor {
 public:
  /// Lines of the metadata beside the keys and the MAC, in YAML.
  std::string extra = "unencrypted_suffix: _unencrypted";
  std::string lastModified = "2024-11-12T13:33:42Z";
  std::string encryptedKey = kDataKeyForBoth;
  bool macOnlyEncrypted = false;

  std::string encrypt(const std::string& file) {
    hash_.reset();
    if (macOnlyEncrypted) {
      hash_.addData(QCryptographicHash::hash("sops", QCryptographicHash::Sha256));
    }
    std::string result;
    std::size_t at = 0;
    std::vector<std::size_t> metadata;
    while (true) {
      const std::size_t begin = file.find("{{", at);
      const std::size_t end = file.find("}}", begin);
      if (end == std::string::npos) break;
      result += file.substr(at, begin - at);
      const std::string mark = file.substr(begin + 2, end - begin - 2);
      if (mark == "sops") {
        metadata.push_back(result.size());
      } else {
        result += value(mark);
      }
      at = end + 2;
    }
    result += file.substr(at);
    const std::string map = metadataText();
    for (auto place = metadata.rbegin(); place != metadata.rend(); ++place) {
      result.insert(*place, map);
    }
    return result;
  }

  /// A file of SOPS' binary format, for both recipients.
  std::string encryptBinary(const std::string& content) {
    hash_.reset();
    hash_.addData(QByteArray::fromStdString(content));
    const std::string mac = hash_.result().toHex().toUpper().toStdString();
    const QString key = QString::fromStdString(encryptedKey).replace("\n", "\\n");
    return "{\n\t\"data\": \"" + seal(content, "data:", "str") +
           "\",\n\t\"sops\": {\"age\": [{\"enc\": \"" + key.toStdString() +
           "\"}], \"lastmodified\": \"" + lastModified + "\", \"mac\": \"" +
           seal(mac, lastModified, "str") + "\"}\n}\n";
  }

  std::string seal(const std::string& content, const std::string& path, const std::string& type) {
    const std::string nonce =
        QCryptographicHash::hash(QByteArray::number(++count_), QCryptographicHash::Sha256)
            .toStdString();
    std::string sealed(content.size(), '\0');
    std::string tag(16, '\0');
    int length = 0;
    EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
    EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), nullptr, nullptr, nullptr);
    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IVLEN, static_cast<int>(nonce.size()), nullptr);
    EVP_EncryptInit_ex(context, nullptr, nullptr, bytes(kDataKey), bytes(nonce.data()));
    EVP_EncryptUpdate(context, nullptr, &length, bytes(path.data()), static_cast<int>(path.size()));
    EVP_EncryptUpdate(context, reinterpret_cast<unsigned char*>(sealed.data()), &length,
                      bytes(content.data()), static_cast<int>(content.size()));
    EVP_EncryptFinal_ex(context, nullptr, &length);
    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, 16, tag.data());
    EVP_CIPHER_CTX_free(context);
    return "ENC[AES256_GCM,data:" + base64(sealed) + ",iv:" + base64(nonce) +
           ",tag:" + base64(tag) + ",type:" + type + "]";
  }

 private:
  static const unsigned char* bytes(const char* text) {
    return reinterpret_cast<const unsigned char*>(text);
  }
  static std::string base64(const std::string& text) {
    return QByteArray::fromStdString(text).toBase64().toStdString();
  }

  std::string value(const std::string& mark) {
    if (mark.starts_with('=')) {
      if (!macOnlyEncrypted) hash_.addData(QByteArray::fromStdString(mark.substr(1)));
      return mark.substr(1);
    }
    const std::size_t first = mark.find('|');
    const std::size_t second = mark.find('|', first + 1);
    const std::string content = mark.substr(second + 1);
    hash_.addData(QByteArray::fromStdString(content));
    return seal(content, mark.substr(first + 1, second - first - 1), mark.substr(0, first));
  }

  std::string metadataText() {
    const std::string mac = hash_.result().toHex().toUpper().toStdString();
    std::string text = "sops:\n    age:\n        - recipient: " + std::string(kFirstRecipient) +
                       "\n          enc: |\n";
    for (const QByteArray& line : QByteArray::fromStdString(encryptedKey).trimmed().split('\n')) {
      text += "            " + line.toStdString() + "\n";
    }
    text += "    lastmodified: \"" + lastModified +
            "\"\n    mac: " + seal(mac, lastModified, "str") + "\n";
    if (macOnlyEncrypted) text += "    mac_only_encrypted: true\n";
    if (!extra.empty()) text += "    " + extra + "\n";
    return text + "    version: 3.9.0\n";
  }

  QCryptographicHash hash_{QCryptographicHash::Sha512};
  int count_ = 0;
};

}  // namespace gantry::testing
