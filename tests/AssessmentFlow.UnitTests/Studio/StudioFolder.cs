using Microsoft.AspNetCore.Http;

namespace AssessmentFlow.UnitTests.Studio;

/// <summary>A folder with files of a made-up Studio, and a browser that asks for them.</summary>
internal sealed class StudioFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("assessmentflow-studio-");

    public string Path => _folder.FullName;

    /// <returns>The context with the answer.</returns>
    public static async Task<HttpContext> AskAsync(Func<HttpContext, Task> serve, string accepted, string method = "GET", string? etag = null)
    {
        var http = new DefaultHttpContext();
        http.Request.Method = method;
        http.Request.Headers.AcceptEncoding = accepted;
        http.Request.Headers.IfNoneMatch = etag;
        http.Response.Body = new MemoryStream();
        await serve(http);
        return http;
    }

    public void Write(string name, string content)
    {
        var path = PathOf(name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
    }

    public void Delete(string name) => File.Delete(PathOf(name));

    public void Dispose() => _folder.Delete(recursive: true);

    private string PathOf(string name) => System.IO.Path.Combine(_folder.FullName, name);
}
