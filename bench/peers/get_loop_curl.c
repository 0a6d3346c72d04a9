// GETs one address with libcurl's easy interface, one after the other over one handle, for some
// seconds. Prints the requests a second and how many failed.
//
// usage: get_loop_curl URL 1 SECONDS
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static size_t drop(char* bytes, size_t size, size_t count, void* into) {
  (void)bytes;
  (void)into;
  return size * count;
}

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  CURL* handle = curl_easy_init();
  if (handle == NULL) return 1;
  curl_easy_setopt(handle, CURLOPT_URL, argv[1]);
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, drop);
  curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, 5000L);
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  unsigned long done = 0;
  unsigned long failed = 0;
  const double began = now();
  const double until = began + atof(argv[3]);
  while (now() < until) {
    if (curl_easy_perform(handle) == CURLE_OK) {
      ++done;
    } else {
      ++failed;
    }
  }
  printf("%.0f %lu\n", (double)done / (now() - began), failed);
  curl_easy_cleanup(handle);
  return 0;
}
