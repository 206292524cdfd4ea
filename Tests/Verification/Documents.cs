namespace PiGrid.Tests.Verification;

/// <summary>Outputs as hostile nodes write them: JSON of the right shape with wrong things in it, or of hardly any shape.</summary>
internal static class Documents
{
    private static readonly string[] Numbers = ["0", "1", "-1", "0.5", "1e308", "-1e308", "1e999", "NaN", "Infinity", "\"1\"", "null", "0.31", "2147483648", "1e-320", "[]"];
    private static readonly string[] Names = ["\"a\"", "\"\"", "null", "5", "\"\\ud800\"", "\"class 1\""];

    /// <summary>One document of one item, most of the time.</summary>
    public static string Output(Dice dice) => dice.Below(8) switch
    {
        0 => dice.OneOf("", "null", "[]", "{}", "{\"items\":null}", "{\"items\":[null]}", "{\"items\":{}}", "{\"items\":[[]]}"),
        1 => $"{{\"items\":[{Item(dice)}],\"extra\":1}}",
        2 => $"{{\"items\":[{Item(dice)}],\"items\":[{Item(dice)}]}}",
        _ => $"{{\"items\":[{Item(dice)}]}}",
    };

    private static string Item(Dice dice) => dice.Below(6) switch
    {
        0 => $"{{\"labels\":[{Several(dice, d => $"{{\"class\":{Number(d)},\"label\":{Name(d)},\"score\":{Number(d)}}}")}]}}",
        1 => $"{{\"detections\":[{Several(dice, d => $"{{\"class\":{Number(d)},\"label\":{Name(d)},\"score\":{Number(d)},\"box\":[{Number(d)},{Number(d)},{Number(d)},{Number(d)}]}}")}]}}",
        2 => $"{{\"text\":{{\"tokens\":[{Several(dice, Number)}],\"text\":{Name(dice)}}}}}",
        3 => $"{{\"tensors\":[{Several(dice, d => $"{{\"name\":{Name(d)},\"type\":{d.OneOf("\"float32\"", "\"string\"", "\"uint8\"", "\"float16\"", "null")},\"shape\":[{Several(d, Number)}],\"data\":{d.OneOf("\"AAAA\"", "\"AACAfw==\"", "\"AADAfw==\"", "\"\"", "\"!\"", "null")}}}")}]}}",
        4 => $"{{\"error\":{{\"code\":{dice.OneOf("\"too_large\"", "\"given_up\"", "77", "null", "\"none\"")},\"message\":{Name(dice)}}}}}",
        _ => dice.OneOf("{}", "null", "{\"labels\":[],\"detections\":[]}", "{\"report\":{\"inputs\":[],\"outputs\":[],\"ringers\":[null]}}", "{\"labels\":[null]}", "{\"tensors\":[null]}"),
    };

    private static string Several(Dice dice, Func<Dice, string> one) => string.Join(',', dice.Several(dice.Below(4), one));

    private static string Number(Dice dice) => Numbers[dice.Below(Numbers.Length)];

    private static string Name(Dice dice) => Names[dice.Below(Names.Length)];
}
