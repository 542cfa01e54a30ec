# The dloss command with its engines; docs/containers.md says how to run it, alone, with compose and on Kubernetes.
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
ENV DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_CLI_USE_MSBUILD_SERVER=0
WORKDIR /source
# true: with the Akka engine, whose packages are on nuget.org.
ARG FULL_REGISTRY=false

# What restoring reads, alone: packages are fetched again when these files change, not with every line of code.
COPY .editorconfig Directory.Build.props Directory.Packages.props global.json ./
COPY src/DistributedLoss/DistributedLoss.csproj src/DistributedLoss/
COPY src/DistributedLoss.Akka/DistributedLoss.Akka.csproj src/DistributedLoss.Akka/
COPY src/DistributedLoss.Cli/DistributedLoss.Cli.csproj src/DistributedLoss.Cli/
COPY src/DistributedLoss.Http/DistributedLoss.Http.csproj src/DistributedLoss.Http/
COPY src/DistributedLoss.Local/DistributedLoss.Local.csproj src/DistributedLoss.Local/
COPY src/DistributedLoss.Numerics/DistributedLoss.Numerics.csproj src/DistributedLoss.Numerics/
COPY src/DistributedLoss.Parquet/DistributedLoss.Parquet.csproj src/DistributedLoss.Parquet/
COPY src/DistributedLoss.RabbitMq/DistributedLoss.RabbitMq.csproj src/DistributedLoss.RabbitMq/
COPY src/DistributedLoss.Remote/DistributedLoss.Remote.csproj src/DistributedLoss.Remote/
COPY src/DistributedLoss.Reports/DistributedLoss.Reports.csproj src/DistributedLoss.Reports/
# Warnings are errors, but for this one: a builder that cannot ask for advisories builds nevertheless.
RUN WarningsNotAsErrors=NU1900 dotnet restore src/DistributedLoss.Cli --use-current-runtime -p:FullRegistry=$FULL_REGISTRY

COPY config config
COPY src src
# For the builder's platform, which makes it compiled ahead.
RUN dotnet publish src/DistributedLoss.Cli -c Release --no-restore --use-current-runtime --self-contained false -p:FullRegistry=$FULL_REGISTRY -o /opt/dloss

FROM mcr.microsoft.com/dotnet/aspnet:10.0
LABEL org.opencontainers.image.title="dloss" \
      org.opencontainers.image.description="Exact cross-entropy over Parquet dumps of predictions" \
      org.opencontainers.image.licenses="Apache-2.0"

# zstd and LZ4 pages are read by these libraries. Most base images have them.
RUN set -eu; \
    missing=; \
    ldconfig -p | grep -q 'libzstd\.so\.1' || missing="$missing libzstd1"; \
    ldconfig -p | grep -q 'liblz4\.so\.1' || missing="$missing liblz4-1"; \
    if [ -n "$missing" ]; then \
      apt-get update; \
      apt-get install -y --no-install-recommends $missing; \
      rm -rf /var/lib/apt/lists/*; \
    fi

COPY --from=build /opt/dloss /opt/dloss

# The user `app` of the base image, as a number: then an orchestrator can tell that it is not root. New volumes get the owner of these folders.
RUN ln -s /opt/dloss/dloss /usr/local/bin/dloss && mkdir /data /runs && chown 1654:1654 /data /runs
USER 1654:1654
WORKDIR /data

STOPSIGNAL SIGTERM
# A command that serves nothing has nothing to ask: it is alive as long as it runs.
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s --retries=3 CMD [ -z "$DLOSS_http__listen" ] || exec dloss health
ENTRYPOINT ["dloss"]
CMD ["--help"]
