/* Small phantoms of the tests, as text. */
#ifndef TINY_H
#define TINY_H

#define TINY_HEAD                                                                              \
    "{\"format\":1,\"id\":\"tiny\",\"title\":\"t\",\"description\":\"d\","                     \
    "\"grid\":{\"voxel_mm\":[2,2,2],\"size_mm\":[48,48,48],\"status\":\"design\"},"

#define TINY_BODY                                                                              \
    "\"body\":{\"weight\":{\"value\":80,\"unit\":\"kg\"},\"height\":{\"value\":1.8,\"unit\":"  \
    "\"m\"},\"status\":\"design\"},"

#define TINY_SET                                                                               \
    "\"nuclide\":\"F-18\",\"modality\":\"PET\",\"status\":\"design\",\"duration\":{\"value\":" \
    "5,\"unit\":\"min\"},"

#define TINY_DOSE                                                                              \
    "\"unit\":\"SUVbw\",\"injected_activity\":{\"value\":100,\"unit\":\"MBq\"},"               \
    "\"uptake_time\":{\"value\":60,\"unit\":\"min\"},"

#define TINY_SPHERE(x, d)                                                                      \
    "{\"kind\":\"sphere\",\"centre_mm\":[" x ",0,0],\"diameter_mm\":" d "}"

#define TINY_OBJECT(name, more, solids)                                                        \
    "{\"name\":\"" name "\",\"region\":true,\"status\":\"design\"," more "\"union\":[" solids  \
    "]}"

/* a sphere of 30 mm with a lesion of 8 mm */
#define TINY_BALL    TINY_OBJECT("ball", "", TINY_SPHERE("0", "30"))
#define TINY_LESION  TINY_OBJECT("lesion", "\"host\":\"ball\",", TINY_SPHERE("5", "8"))
#define TINY_OBJECTS "\"background\":\"ball\",\"objects\":[" TINY_BALL "," TINY_LESION "]"

/* concentrations; no body */
#define TINY_JAR                                                                               \
    TINY_HEAD "\"activities\":[{\"id\":\"default\"," TINY_SET                                  \
              "\"unit\":\"kBq/mL\",\"values\":{\"ball\":5,\"lesion\":{\"ratio\":4,\"to\":"     \
              "\"ball\"}}}]," TINY_OBJECTS "}"

/* SUV in a body, two tracers */
#define TINY_PATIENT                                                                           \
    TINY_HEAD TINY_BODY                                                                        \
        "\"activities\":[{\"id\":\"default\"," TINY_SET TINY_DOSE                              \
        "\"values\":{\"ball\":1,\"lesion\":4}},{\"id\":\"X-1\"," TINY_SET TINY_DOSE            \
        "\"values\":{\"ball\":0,\"lesion\":3}}]," TINY_OBJECTS "}"

/* two lesions that overlap */
#define TINY_ONE TINY_OBJECT("one", "\"host\":\"ball\",", TINY_SPHERE("5", "8"))
#define TINY_TWO TINY_OBJECT("two", "\"host\":\"ball\",", TINY_SPHERE("-2", "8"))
#define TINY_TWINS                                                                             \
    TINY_HEAD "\"activities\":[{\"id\":\"default\"," TINY_SET                                  \
              "\"unit\":\"kBq/mL\",\"values\":{\"ball\":5,\"one\":1,\"two\":1}}],"             \
              "\"background\":\"ball\",\"objects\":[" TINY_BALL "," TINY_ONE "," TINY_TWO "]}"

#endif
