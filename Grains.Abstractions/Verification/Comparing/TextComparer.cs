namespace PiGrid.Verification;

/// <summary>
/// Generated text is the same when its tokens are. The text is compared too: it follows from the tokens, so only a forged one differs.
/// </summary>
internal static class TextComparer
{
    /// <summary>Compares the texts for one input.</summary>
    public static Agreement Compare(GeneratedText a, GeneratedText b) =>
        a.Tokens.SequenceEqual(b.Tokens) && string.Equals(a.Text, b.Text, StringComparison.Ordinal) ? Agreement.Agree : Agreement.Disagree;
}
