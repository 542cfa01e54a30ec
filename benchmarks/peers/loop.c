// The mean loss as a plain C loop, float32 throughout, vectorised by the compiler: what the moonshot is measured against. Logits are in RAM before any clock starts.
//   gcc -O3 -march=native -ffast-math -mprefer-vector-width=512 loop.c -o loop -lm      (without the width where the processor has no AVX-512)
//   loop LOGITS LABELS C        float32 and int32 files; a line on stdin runs the loss once ("sum": adds the logits up), a line of JSON answers
#define _POSIX_C_SOURCE 199309L
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

// exp for x <= 0 to some 1e-7: 2^k times a polynomial (the coefficients are those of Cephes' expf), branch-free so that it vectorises.
static inline float exp_nonpositive(float x) {
  x = x < -87.0f ? -87.0f : x;
  const float k = __builtin_rintf(x * 1.44269504f);
  const float r = x - k * 0.693359375f + k * 2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  const int32_t bits = ((int32_t)k + 127) << 23;
  float power;
  memcpy(&power, &bits, sizeof power);
  return p * power;
}

static double mean_loss(const float *logits, const int32_t *labels, size_t rows, size_t classes) {
  double sum = 0;
  for (size_t i = 0; i < rows; i++) {
    const float *z = logits + i * classes;
    float max = z[0];
    for (size_t j = 1; j < classes; j++) max = z[j] > max ? z[j] : max;
    float terms = 0;
    for (size_t j = 0; j < classes; j++) terms += exp_nonpositive(z[j] - max);
    sum += (double)max - z[labels[i]] + log(terms);
  }
  return sum / (double)rows;
}

static double mean_logit(const float *logits, size_t rows, size_t classes) {
  double sum = 0;
  for (size_t i = 0; i < rows; i++) {
    float part = 0;
    for (size_t j = 0; j < classes; j++) part += logits[i * classes + j];
    sum += part;
  }
  return sum / ((double)rows * (double)classes);
}

static void *read_all(const char *path, size_t *bytes) {
  FILE *file = fopen(path, "rb");
  if (!file || fseek(file, 0, SEEK_END)) {
    perror(path);
    exit(1);
  }
  *bytes = (size_t)ftell(file);
  rewind(file);
  void *data = malloc(*bytes + 1);
  if (!data || fread(data, 1, *bytes, file) != *bytes) {
    perror(path);
    exit(1);
  }
  fclose(file);
  return data;
}

int main(int count, char **arguments) {
  if (count != 4) {
    fprintf(stderr, "usage: loop LOGITS LABELS C\n");
    return 2;
  }
  size_t logit_bytes, label_bytes;
  const float *logits = read_all(arguments[1], &logit_bytes);
  const int32_t *labels = read_all(arguments[2], &label_bytes);
  const size_t classes = strtoull(arguments[3], NULL, 10), rows = label_bytes / sizeof *labels;
  if (!classes || logit_bytes != rows * classes * sizeof *logits) {
    fprintf(stderr, "%s: %zu bytes for %zu rows of %zu float32\n", arguments[1], logit_bytes, rows, classes);
    return 1;
  }
  char line[4096];
  while (fgets(line, sizeof line, stdin)) {
    const int sum = strstr(line, "sum") != NULL;
    const double cpu = now(CLOCK_PROCESS_CPUTIME_ID), began = now(CLOCK_MONOTONIC);
    const double mean = sum ? mean_logit(logits, rows, classes) : mean_loss(logits, labels, rows, classes);
    const double seconds = now(CLOCK_MONOTONIC) - began, cpu_seconds = now(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    printf("{\"seconds\": %.9f, \"cpuSeconds\": %.9f, \"mean\": %.17g, \"rows\": %zu}\n", seconds, cpu_seconds, mean, rows);
    fflush(stdout);
  }
  return 0;
}
