namespace PiGrid.Client.Drawing;

/// <summary>
/// A bitmap font of 5 x 7 pixels: capitals, digits and what scores and labels need. Small letters are drawn as capitals, unknown
/// characters as a frame.
/// </summary>
internal static class Font
{
    /// <summary>Pixels in a glyph's row.</summary>
    public const int Width = 5;

    /// <summary>Rows of a glyph.</summary>
    public const int Height = 7;

    // Seven rows from the top, two hexadecimal digits each; bit 4 is the leftmost pixel.
    private const string Unknown = "1F11111111111F";

    private static readonly Dictionary<char, string> Glyphs = new()
    {
        [' '] = "00000000000000", ['A'] = "0E11111F111111", ['B'] = "1E11111E11111E", ['C'] = "0E11101010110E",
        ['D'] = "1E11111111111E", ['E'] = "1F10101E10101F", ['F'] = "1F10101E101010", ['G'] = "0E11101711110F",
        ['H'] = "1111111F111111", ['I'] = "0E04040404040E", ['J'] = "0702020202120C", ['K'] = "11121418141211",
        ['L'] = "1010101010101F", ['M'] = "111B1515111111", ['N'] = "11191915131311", ['O'] = "0E11111111110E",
        ['P'] = "1E11111E101010", ['Q'] = "0E11111115120D", ['R'] = "1E11111E141211", ['S'] = "0F10100E01011E",
        ['T'] = "1F040404040404", ['U'] = "1111111111110E", ['V'] = "11111111110A04", ['W'] = "11111115151B11",
        ['X'] = "11110A040A1111", ['Y'] = "11110A04040404", ['Z'] = "1F01020408101F", ['0'] = "0E11131519110E",
        ['1'] = "040C040404040E", ['2'] = "0E11010204081F", ['3'] = "0E11010601110E", ['4'] = "02060A121F0202",
        ['5'] = "1F101E0101110E", ['6'] = "0608101E11110E", ['7'] = "1F010204080808", ['8'] = "0E11110E11110E",
        ['9'] = "0E11110F01020C", ['.'] = "00000000000606", [','] = "00000000060604", [':'] = "00060600060600",
        ['-'] = "0000001F000000", ['_'] = "0000000000001F", ['%'] = "18190204081303", ['/'] = "01010204081010",
        ['('] = "02040808080402", [')'] = "08040202020408", ['+'] = "0004041F040400", ['#'] = "0A0A1F0A1F0A0A",
        ['@'] = "0E11171517100E", ['\''] = "04040800000000", ['&'] = "08141408151209", ['!'] = "04040404040004",
        ['?'] = "0E110102040004", ['='] = "00001F001F0000", ['*'] = "0004150E150400",
    };

    /// <summary>The glyph's rows from the top; in each the bit of value 16 is the leftmost pixel.</summary>
    public static byte[] RowsOf(char c) =>
        Convert.FromHexString(Glyphs.GetValueOrDefault(char.ToUpperInvariant(c), Unknown));
}
