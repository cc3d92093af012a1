#include "num/overlap.h"

#include <math.h>
#include <stdbool.h>

#include "core/banned.h"

/* Area of {y > b, z > c} of the disc of radius^2 p2 about the origin, b, c >= 0 and the corner
 * inside. zb: z where the circle meets y = b; yc: y where it meets z = c; theta: angle of the
 * arc between. */
static double disc_part(double p2, double b, double c, double zb, double yc, double theta)
{
    return 0.5 * (p2 * theta - b * (zb - c) - c * (yc - b));
}

/* V(a, b, c) for a, b, c >= 0. The three points where two of the planes meet the sphere are
 * computed once and used in every term: then the errors of the square roots cancel where the
 * patch shrinks to nothing. */
static double octant(double r, double a, double b, double c)
{
    const double r2 = r * r;

    if (a * a + b * b + c * c >= r2)
        return 0.0;
    const double m_ab = sqrt(fmax(r2 - a * a - b * b, 0.0)); /* z on x = a, y = b */
    const double m_ac = sqrt(fmax(r2 - a * a - c * c, 0.0));
    const double m_bc = sqrt(fmax(r2 - b * b - c * c, 0.0));
    /* arcs on the planes x = a, y = b, z = c, as angles about the centre of their circle */
    const double arc_a = atan2(m_ac, c) - atan2(b, m_ab);
    const double arc_b = atan2(m_bc, c) - atan2(a, m_ab);
    const double arc_c = atan2(m_bc, b) - atan2(a, m_ac);
    /* angles of the patch at its corners */
    const double angles =
        atan2(r * m_ab, a * b) + atan2(r * m_ac, a * c) + atan2(r * m_bc, b * c);
    const double pi = 3.14159265358979323846;
    const double patch = r2 * (angles - pi) - r * (a * arc_a + b * arc_b + c * arc_c);
    const double planes = a * disc_part(r2 - a * a, b, c, m_ab, m_ac, arc_a) +
                          b * disc_part(r2 - b * b, a, c, m_ab, m_bc, arc_b) +
                          c * disc_part(r2 - c * c, a, b, m_ac, m_bc, arc_c);
    return fmax((r * patch - planes) / 3.0, 0.0);
}

/* V(a, b, c) for any sign: the part beyond a plane at -a is the whole, twice the half, less the
 * mirror image beyond a. */
static double corner(double r, const double at[3])
{
    double total = 0.0;

    for (int k = 0; k < 8; k++) {
        double p[3] = {at[0], at[1], at[2]};
        double factor = 1.0;
        bool skip = false;
        for (int axis = 0; axis < 3; axis++) {
            const bool second = (k >> axis & 1) != 0;
            if (at[axis] >= 0.0) {
                skip = skip || second;
            } else if (second) {
                p[axis] = -at[axis];
                factor = -factor;
            } else {
                p[axis] = 0.0;
                factor *= 2.0;
            }
        }
        if (!skip)
            total += factor * octant(r, p[0], p[1], p[2]);
    }
    return total;
}

double rgq_ball_box_volume(double r, const double lo[3], const double hi[3])
{
    double near2 = 0.0;
    double far2 = 0.0;
    double box = 1.0;
    double total = 0.0;

    for (int a = 0; a < 3; a++) {
        const double nearest = fmax(fmax(lo[a], -hi[a]), 0.0);
        const double farthest = fmax(-lo[a], hi[a]);
        near2 += nearest * nearest;
        far2 += farthest * farthest;
        box *= hi[a] - lo[a];
    }
    if (near2 >= r * r)
        return 0.0;
    if (far2 <= r * r)
        return box;
    for (int k = 0; k < 8; k++) {
        double at[3];
        double sign = 1.0;
        for (int a = 0; a < 3; a++) {
            const bool upper = (k >> a & 1) != 0;
            at[a] = upper ? hi[a] : lo[a];
            sign = upper ? -sign : sign;
        }
        total += sign * corner(r, at);
    }
    return fmin(fmax(total, 0.0), box);
}

/* Area of the disc about the origin in {x > a, y > b}, for any sign: as corner(). */
static double disc_corner(double r, double a, double b)
{
    if (a < 0.0)
        return 2.0 * disc_corner(r, 0.0, b) - disc_corner(r, -a, b);
    if (b < 0.0)
        return 2.0 * disc_corner(r, a, 0.0) - disc_corner(r, a, -b);
    if (a * a + b * b >= r * r)
        return 0.0;
    const double top = sqrt(r * r - a * a);
    const double right = sqrt(r * r - b * b);
    return disc_part(r * r, a, b, top, right, atan2(top, a) - atan2(b, right));
}

double rgq_disc_box_area(double r, const double lo[2], const double hi[2])
{
    double near2 = 0.0;
    double far2 = 0.0;
    const double box = (hi[0] - lo[0]) * (hi[1] - lo[1]);

    for (int a = 0; a < 2; a++) {
        const double nearest = fmax(fmax(lo[a], -hi[a]), 0.0);
        const double farthest = fmax(-lo[a], hi[a]);
        near2 += nearest * nearest;
        far2 += farthest * farthest;
    }
    if (near2 >= r * r)
        return 0.0;
    if (far2 <= r * r)
        return box;
    const double area = disc_corner(r, lo[0], lo[1]) - disc_corner(r, hi[0], lo[1]) -
                        disc_corner(r, lo[0], hi[1]) + disc_corner(r, hi[0], hi[1]);
    return fmin(fmax(area, 0.0), box);
}
