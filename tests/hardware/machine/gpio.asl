// A bank of GPIO lines for pinctrl-amd that is nothing but RAM: what the driver writes, the test reads.
DefinitionBlock ("gpio.aml", "SSDT", 2, "GATEPO", "BENCH", 1)
{
    Scope (\_SB)
    {
        Device (GPI0)
        {
            Name (_HID, "AMDI0030")
            Name (_CRS, ResourceTemplate ()
            {
                Interrupt (ResourceConsumer, Edge, ActiveHigh, Exclusive) { 20 }
                Memory32Fixed (ReadWrite, 0x7F001000, 0x400)
            })
        }
    }
}
