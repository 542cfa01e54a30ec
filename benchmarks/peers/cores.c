// Are two processors two cores? Fixed work on processor 0 alone, and on 0 and 1 at once; slices of about a millisecond, the best of many, as others may use the machine.
// gcc -O3 -march=native -ffast-math -mprefer-vector-width=512 -pthread cores.c -o cores -lm ; ./cores 400
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <pthread.h>
#include <sched.h>
#include <time.h>
#include <math.h>
#include <stdatomic.h>
static double now(){struct timespec t;clock_gettime(CLOCK_MONOTONIC,&t);return t.tv_sec+t.tv_nsec*1e-9;}
#define N 1024
typedef struct{float a[N];float s;int cpu;int kind;double best,cputime;atomic_int*go;atomic_int*done;int rounds;char pad[64];float*big;size_t bn;}J;
static inline float expf_(float x){float k=__builtin_rintf(x*1.44269504f);float r=x-k*0.693359375f;r=r+k*2.12194440e-4f;float p=1.9875691500e-4f;p=p*r+1.3981999507e-3f;p=p*r+8.3334519073e-3f;p=p*r+4.1665795894e-2f;p=p*r+1.6666665459e-1f;p=p*r+5.0000001201e-1f;p=p*r*r+r+1.f;union{int i;float f;}u;u.i=((int)k+127)<<23;return p*u.f;}
static void work(J*j){ if(j->kind==0){float s=0;for(int r=0;r<j->rounds;r++)for(int i=0;i<N;i++)s+=expf_(-j->a[i]);j->s+=s;} else if(j->kind==1){float s=0;for(int r=0;r<j->rounds/40;r++)for(size_t i=0;i<j->bn;i++)s+=j->big[i];j->s+=s;} else {unsigned long x=88172645463325252ul;for(long r=0;r<(long)j->rounds*200;r++){x^=x<<13;x^=x>>7;x^=x<<17;}j->s+=x;} }
static void pin(int c){cpu_set_t s;CPU_ZERO(&s);CPU_SET(c,&s);sched_setaffinity(0,sizeof s,&s);}
static atomic_int phase=0,ended=0;static J js[2];static int slices;
static void*thr(void*q){J*j=q;pin(j->cpu);int p=0;while(1){while(atomic_load(&phase)==p)sched_yield();p=atomic_load(&phase);if(p<0)return 0;double a=now();work(j);double t=now()-a;if(t<j->best)j->best=t;atomic_fetch_add(&ended,1);} }
int main(int c,char**v){slices=atoi(v[1]);for(int k=0;k<3;k++){for(int i=0;i<2;i++){js[i].cpu=i;js[i].kind=k;js[i].rounds=4000;for(int q=0;q<N;q++)js[i].a[q]=q%30;js[i].bn=(8<<20)/4;js[i].big=aligned_alloc(64,8<<20);for(size_t q=0;q<js[i].bn;q++)js[i].big[q]=q;}
 double one=1e9,both=1e9; pthread_t t;js[1].best=1e9;phase=0;ended=0;
 pthread_create(&t,0,thr,&js[1]);pin(0);
 double ob[2]={1e9,1e9};
 for(int s=0;s<slices;s++){ double a=now();work(&js[0]);double e=now()-a;if(e<one)one=e;struct timespec w={0,2000000};
   // both, started together
   atomic_fetch_add(&phase,1); a=now();work(&js[0]);double m=now()-a; while(atomic_load(&ended)<=s)sched_yield(); double tot=now()-a; if(tot<both)both=tot; nanosleep(&w,0);}
 phase=-1;pthread_join(t,0);
 printf("%s: alone %.2f ms, both at once %.2f ms (the slower of the two): %.3fx of one\n",k==0?"exp float32 in L1":k==1?"sum of 8 MB each":"xorshift (latency-bound)",one*1e3,both*1e3,2*one/both);}
 return js[0].s==1;}
