# The image of the server, and of the command line `flow` for work on its database.
# Build it from the root of the repository: docker build -t assessmentflow:0.1.0 .
FROM node:22-slim AS studio
WORKDIR /source
COPY src/AssessmentFlow.Server/package.json src/AssessmentFlow.Server/package-lock.json src/AssessmentFlow.Server/.npmrc ./
RUN npm ci --ignore-scripts

FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source

# What restoring needs comes first: a change of the code alone leaves the packages where they are.
COPY global.json Directory.Build.props Directory.Packages.props .editorconfig ./
COPY src/AssessmentFlow.Engine/AssessmentFlow.Engine.csproj src/AssessmentFlow.Engine/packages.lock.json src/AssessmentFlow.Engine/
COPY src/AssessmentFlow.Assessments/AssessmentFlow.Assessments.csproj src/AssessmentFlow.Assessments/packages.lock.json src/AssessmentFlow.Assessments/
COPY src/AssessmentFlow.Runtime/AssessmentFlow.Runtime.csproj src/AssessmentFlow.Runtime/packages.lock.json src/AssessmentFlow.Runtime/
COPY src/AssessmentFlow.Storage/AssessmentFlow.Storage.csproj src/AssessmentFlow.Storage/packages.lock.json src/AssessmentFlow.Storage/
COPY src/AssessmentFlow.Server/AssessmentFlow.Server.csproj src/AssessmentFlow.Server/packages.lock.json src/AssessmentFlow.Server/
COPY src/AssessmentFlow.Cli/AssessmentFlow.Cli.csproj src/AssessmentFlow.Cli/packages.lock.json src/AssessmentFlow.Cli/
RUN dotnet restore src/AssessmentFlow.Server --locked-mode && dotnet restore src/AssessmentFlow.Cli --locked-mode

COPY src/ src/
COPY workflows/ workflows/
COPY --from=studio /source/node_modules src/AssessmentFlow.Server/node_modules
RUN dotnet publish src/AssessmentFlow.Server --no-restore --configuration Release --output /app
# In a folder of its own: the server takes from the framework what `flow` brings along.
RUN dotnet publish src/AssessmentFlow.Cli --no-restore --configuration Release --output /flow

FROM mcr.microsoft.com/dotnet/aspnet:10.0
WORKDIR /app
COPY --from=build /app ./
COPY --from=build /flow /flow
RUN ln -s /flow/flow /usr/local/bin/flow

# The data folder belongs to the user of the process; a volume is mounted over it.
RUN mkdir /data && chown $APP_UID /data
# A larger youngest generation, as in launchSettings.json: short-lived garbage of turns dies there.
ENV Urls=http://*:8080 \
    Storage__DataPath=/data \
    DOTNET_GCgen0size=0x4000000
EXPOSE 8080
USER $APP_UID
ENTRYPOINT ["dotnet", "AssessmentFlow.Server.dll"]
