namespace TradeActors.Node.Configuration;

/// <summary>A start that settings forbid. The message names the key, what it holds, where that was said and what it may hold.</summary>
internal sealed class SettingException(string message) : Exception(message)
{
    /// <param name="problems">At least one; all that were found, so that they can be mended in one go.</param>
    public SettingException(IReadOnlyList<string> problems)
        : this(problems is [var only] ? only : $"{problems.Count} settings cannot be used:\n  {string.Join("\n  ", problems)}")
    {
    }
}
