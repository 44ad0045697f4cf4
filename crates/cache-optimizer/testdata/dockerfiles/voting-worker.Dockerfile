FROM --platform=${BUILDPLATFORM} mcr.microsoft.com/dotnet/sdk:7.0 AS build
ARG TARGETARCH
WORKDIR /source
COPY *.csproj .
RUN dotnet restore -a $TARGETARCH
COPY . .
RUN dotnet publish -c release -o /app -a $TARGETARCH --no-restore

FROM mcr.microsoft.com/dotnet/runtime:7.0
COPY --from=build /app .
ENTRYPOINT ["dotnet", "Worker.dll"]
