{
  "variables": {
    "cxx_flags": ["-std=c++20", "-O3", "-fno-exceptions", "-fno-rtti", "-Wall", "-Wextra", "-Wno-unused-parameter", "-fvisibility=hidden", "-pthread"],
    "simdjson_dir": "<!(node -p \"require('node:path').dirname(require.resolve('@nozbe/simdjson/package.json'))\")/src"
  },
  "target_defaults": {
    "cflags!": ["-O2", "-fno-omit-frame-pointer"],
    "cflags_cc!": ["-std=gnu++17", "-std=c++17", "-fno-exceptions", "-fno-rtti", "-O2"],
    "cflags_cc": ["<@(cxx_flags)"],
    "include_dirs": ["native/src", "<(simdjson_dir)", "<!(node -p \"require('node-addon-api').include_dir\")"],
    "defines": ["NAPI_DISABLE_CPP_EXCEPTIONS", "NAPI_VERSION=8", "NODE_ADDON_API_DISABLE_DEPRECATED"],
    "configurations": { "Release": { "cflags": ["-O3"] } }
  },
  "targets": [
    {
      "target_name": "kernels_avx2",
      "type": "static_library",
      "sources": ["<!@(node tools/native-sources.mjs avx2)"],
      "conditions": [["target_arch=='x64'", { "cflags_cc": ["-mavx2", "-mpclmul", "-mbmi", "-mbmi2", "-mlzcnt", "-mpopcnt"] }]]
    },
    {
      "target_name": "kernels_avx512",
      "type": "static_library",
      "sources": ["<!@(node tools/native-sources.mjs avx512)"],
      "conditions": [["target_arch=='x64'", { "cflags_cc": ["-mavx2", "-mpclmul", "-mbmi", "-mbmi2", "-mlzcnt", "-mpopcnt", "-mavx512f", "-mavx512bw", "-mavx512vl", "-mavx512dq", "-mavx512vbmi", "-mavx512vbmi2"] }]]
    },
    {
      "target_name": "penstock",
      "dependencies": ["kernels_avx2", "kernels_avx512"],
      "sources": ["<!@(node tools/native-sources.mjs addon)"],
      "conditions": [["target_arch=='x64'", { "cflags_cc": ["-msse4.2"] }]]
    }
  ]
}
