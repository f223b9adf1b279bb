using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace AssessmentFlow.Engine.Execution;

/// <summary>Ids of instances: 16 hexadecimal digits, derived so that whoever asks twice gets the same instance.</summary>
public static class InstanceIds
{
    /// <summary>The id that belongs to a seed, such as an idempotency key.</summary>
    public static string From(string seed) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(seed)).AsSpan(0, 8));

    /// <summary>The id of one of the children that a run of an activity starts.</summary>
    /// <param name="instanceId">The parent.</param>
    /// <param name="execution">The run.</param>
    /// <param name="position">Place of the child among them, from 0.</param>
    public static string OfChild(string instanceId, long execution, int position) =>
        From(string.Create(CultureInfo.InvariantCulture, $"child/{instanceId}/{execution}/{position}"));

    /// <summary>The id of the child that a run of an activity starts.</summary>
    public static string OfChild(string instanceId, long execution) =>
        From(string.Create(CultureInfo.InvariantCulture, $"child/{instanceId}/{execution}"));
}
