using AssessmentFlow.Runtime;
using AssessmentFlow.Server.Api;
using AssessmentFlow.Server.Auth;
using AssessmentFlow.Server.ElsaApi;
using AssessmentFlow.Server.FirstStart;
using AssessmentFlow.Server.Hosting;
using AssessmentFlow.Server.Problems;
using AssessmentFlow.Server.Studio;
using AssessmentFlow.Storage;
using AssessmentFlow.Storage.Migrations;
using AssessmentFlow.Storage.Sqlite;
using Microsoft.Extensions.Options;

// Settings and shipped files lie beside the program, whatever folder it is started from.
var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
var storage = builder.Configuration.GetSection(StorageOptions.Section).Get<StorageOptions>() ?? new StorageOptions();
var cluster = builder.Configuration.GetSection(ClusterOptions.Section).Get<ClusterOptions>() ?? new ClusterOptions();
var source = storage.Provider is StorageProvider.Postgres
    ? StorageServices.CreatePostgresSource(storage.ConnectionString ?? throw new InvalidOperationException("Storage:ConnectionString is needed for PostgreSQL."))
    : null;
using var fileLock = source is null ? SqliteFileLock.TryTake(storage.SqlitePath) : null;
if (source is null && fileLock is null)
{
    await Console.Error.WriteLineAsync(
        $"{Path.GetFullPath(storage.SqlitePath)} is in use by another process. A SQLite file has one process: stop the other one, give this one another folder (Storage:DataPath), or run several on PostgreSQL (Storage:Provider).");
    return 1;
}

// The order is the order of starting, and the reverse of stopping: journal, silo, pumps, first start, then requests.
var watchdog = new WatchdogLog();
watchdog.AddTo(builder.Logging);
builder.AddTelemetry(StorageActivity.SourceName);
builder.Services.AddShutdown();
builder.Services.AddDoor();
builder.Services.AddCompression();
builder.Services.AddOptions<ClusterOptions>().BindConfiguration(ClusterOptions.Section).ValidateOnStart();
builder.Services.AddSingleton<IValidateOptions<ClusterOptions>, ClusterOptionsValidator>();
builder.Services.AddAssessmentFlowStorage(source);
builder.Services.AddAssessmentFlowRuntime();
builder.AddSilo(cluster, source is null ? SiloDatabase.OfFile(SqliteConnectionStrings.Of(storage.SqlitePath)) : SiloDatabase.OfServer(source));
builder.Services.AddAssessmentFlowPumps();
builder.Services.AddFirstStart(storage.DataPath);
builder.Services.AddApi();
builder.Services.AddElsaApi();
builder.Services.AddStudio();

var app = builder.Build();
app.Lifetime.ApplicationStarted.Register(watchdog.OnStarted);
await DatabaseMigration.MigrateAsync(storage, app.Lifetime.ApplicationStopping);

app.UseRequestTraces();
app.UseCompression();
app.UseExceptionHandler();
app.UseStatusCodePages(static context => StatusProblems.WriteAsync(context.HttpContext));
app.UseRouting();
app.UseRateLimiter();
app.UseMiddleware<ApiKeyAuthentication>();
app.UseMiddleware<RequestTextCheck>();
app.MapHealth();
app.MapTelemetry();
app.MapOpenApi();
app.MapApiPage();
app.MapApi();
app.MapElsaApi();
app.MapStudio();
app.MapWorkflowEndpoints();
await app.RunAsync();
return 0;
