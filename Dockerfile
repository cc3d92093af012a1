# rgdquant as a BIDS-App: docker run --rm -v DATASET:/data:ro -v RESULTS:/out IMAGE /data /out participant
FROM debian:12-slim AS build
COPY scripts/install-deps /src/scripts/install-deps
RUN apt-get update && /src/scripts/install-deps build
COPY . /src
WORKDIR /src
RUN cmake -S . -B /build -G Ninja -DCMAKE_BUILD_TYPE=Release -DRGQ_TESTS=OFF \
    && cmake --build /build \
    && cd /build && cpack -G DEB -B /packages

FROM debian:12-slim
COPY --from=build /packages /packages
RUN apt-get update \
    && apt-get install -y --no-install-recommends /packages/rgdquant_*.deb gnuplot-nox \
    && rm -rf /packages /var/lib/apt/lists/*
ENV OMP_WAIT_POLICY=passive
ENTRYPOINT ["/usr/bin/rgdquant", "batch"]
