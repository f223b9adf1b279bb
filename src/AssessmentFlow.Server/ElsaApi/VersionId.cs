using System.Globalization;

namespace AssessmentFlow.Server.ElsaApi;

/// <summary>
/// Studio names each version of each workflow by one text. Ours says which version it is; that of an instance also says
/// on which content it runs, because a draft that was run may have been changed since.
/// </summary>
/// <param name="DefinitionId">The workflow.</param>
/// <param name="Version">Number of the version.</param>
/// <param name="Hash">The content; null for the one that the version has now.</param>
internal sealed record VersionId(string DefinitionId, int Version, string? Hash = null)
{
    private const char Separator = ':';
    private const int HashLength = 64;

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    /// <returns>Null when the text is none of ours.</returns>
    public static VersionId? TryParse(string text)
    {
        string? hash = null;
        if (text.Length > HashLength + 1 && text[^(HashLength + 1)] is Separator)
        {
            hash = text[^HashLength..];
            text = text[..^(HashLength + 1)];
        }

        var at = text.LastIndexOf(Separator);
        return at > 0 && int.TryParse(text.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            ? new VersionId(text[..at], version, hash)
            : null;
    }

    /// <inheritdoc/>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{DefinitionId}{Separator}{Version}{(Hash is null ? "" : Separator + Hash)}");
}
