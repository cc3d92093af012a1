# Source this: make_cohort PATIENTS writes m.tsv (uptake) and i.tsv (histology), three lesions a
# patient, always the same numbers. The order of the rows differs between the two.
make_cohort() {
    awk -v n="$1" '
        function u() { seed = (seed * 16807) % 2147483647; return seed / 2147483647 }
        function g() { return u() + u() + u() + u() + u() + u() - 3 }
        BEGIN {
            seed = 4711
            print "patient\tlesion\tunit\ttbr_mean\tvolume_ml\tuptake_time_min" >"m.tsv"
            print "lesion\tpatient\th_score\tgrade\tpositive" >"i.tsv"
            for (p = 1; p <= n; p++) {
                a = g(); b = g()
                for (k = 1; k <= 3; k++) {
                    x = 3 + a + 0.7 * g(); y = 20 + 35 * x + 20 * b + 15 * g()
                    printf "SECRET%02d\tL%d\tSUVbw\t%.4f\t%.3f\t%d\n", p, k, x, exp(1 + 0.5 * g()), 55 + 3 * k >"m.tsv"
                    row[++rows] = sprintf("L%d\tSECRET%02d\t%.2f\t%d\t%s", k, p, y, (y > 60) + (y > 120) + (y > 180), y > 125 ? "yes" : "no")
                }
            }
            for (; rows > 0; rows--)
                print row[rows] >"i.tsv"
        }'
}
