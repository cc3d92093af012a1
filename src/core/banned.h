/* Functions with a safer twin in this project. Include this header last: the names below then
 * do not compile. A file that wraps one of them for everybody else does not include it. */
#ifndef RGQ_CORE_BANNED_H
#define RGQ_CORE_BANNED_H
#pragma GCC poison atoi atol atoll atof sprintf vsprintf strcpy strcat strtok sscanf gets rand
#pragma GCC poison localtime gmtime setlocale
#endif
