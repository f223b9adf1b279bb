using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace AssessmentFlow.Cli;

/// <summary><c>flow demo</c>: drives a case through the API to circulation.</summary>
internal static class DemoCommand
{
    public static Command Create()
    {
        var server = new Option<Uri>("--server")
        {
            Description = "Address of the server.",
            DefaultValueFactory = _ => new Uri("http://127.0.0.1:5080"),
            CustomParser = ReadAddress,
        };
        var keys = new Option<FileInfo>("--keys") { Description = "File of API keys that the first start made.", DefaultValueFactory = _ => new FileInfo(Path.Combine("data", "api-keys.json")) };
        var assessment = new Option<string>("--case") { Description = "Id of the case. One that does not exist is opened, marked as synthetic.", DefaultValueFactory = _ => "KH-2008-05" };
        var circulatedOn = new Option<string>("--circulated-on") { Description = "Date of circulation, as yyyy-MM-dd (synthetic: the record gives none).", DefaultValueFactory = _ => "2008-11-20" };
        var silence = new Option<int>("--silence-seconds") { Description = "Length of the silence procedure in seconds (synthetic).", DefaultValueFactory = _ => 3 };
        circulatedOn.Validators.Add(result =>
        {
            if (!DateOnly.TryParseExact(result.GetValueOrDefault<string>(), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _))
            {
                result.AddError("--circulated-on is a date, as yyyy-MM-dd.");
            }
        });
        var command = new Command("demo", "Drive a case through the API to circulation and print what happens. Can be cut off and started again.")
        {
            server, keys, assessment, circulatedOn, silence,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var file = parsed.GetRequiredValue(keys);
            if (!file.Exists)
            {
                await Console.Error.WriteLineAsync($"There is no {file.FullName}. Start the server first, or name its file with --keys.");
                return 2;
            }

            using var api = new ApiClient(parsed.GetRequiredValue(server), await KeyRing.ReadAsync(file, cancellationToken));
            var drive = new Drive(
                api,
                parsed.GetRequiredValue(assessment),
                DateOnly.ParseExact(parsed.GetRequiredValue(circulatedOn), "yyyy-MM-dd", CultureInfo.InvariantCulture),
                TimeSpan.FromSeconds(parsed.GetRequiredValue(silence)),
                Console.Out);
            try
            {
                return await drive.RunAsync(cancellationToken) ? 0 : 1;
            }
            catch (ApiException e)
            {
                await Console.Error.WriteLineAsync(e.Message);
                return 1;
            }
        });
        return command;
    }

    /// <summary>The library reads no addresses by itself.</summary>
    private static Uri? ReadAddress(ArgumentResult result)
    {
        if (Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var address) && address.Scheme is "http" or "https")
        {
            return address;
        }

        result.AddError($"'{result.Tokens[0].Value}' is no address of a server; one looks like http://127.0.0.1:5080.");
        return null;
    }
}
